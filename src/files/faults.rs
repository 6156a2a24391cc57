//! Faults of the file system, for tests: of the calls that writing and reading files takes, a given one fails.

use super::disk::{Disk, System};
use rustix::io::Errno;
use std::{
    cell::Cell,
    fs::{File, Metadata, Permissions},
    io,
    path::Path,
};
use tempfile::TempPath;

/// The way in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// This call, with this error.
    Once(Errno),
    /// This call and all after it.
    Always(Errno),
    /// Writes or reads one byte; nothing, of a call that does neither.
    Short,
}

/// A full disk, a quota, a limit of the process, a broken disk, an interruption, a short count.
pub(crate) const FAULTS: [Fault; 10] = [
    Fault::Once(Errno::NOSPC),
    Fault::Always(Errno::NOSPC),
    Fault::Always(Errno::DQUOT),
    Fault::Always(Errno::FBIG),
    Fault::Once(Errno::IO),
    Fault::Always(Errno::IO),
    Fault::Once(Errno::AGAIN),
    Fault::Always(Errno::AGAIN),
    Fault::Once(Errno::INTR),
    Fault::Short,
];

#[derive(Debug, Clone, Copy)]
struct FaultPlan {
    fault: Fault,
    /// The number of the call that fails, from 1.
    at: usize,
    calls: usize,
    is_mended: bool,
}

thread_local! {
    static PLAN: Cell<Option<FaultPlan>> = const { Cell::new(None) };
}

/// Does `act` once for each fault and each call that it makes, with that call failing.
///
/// # Panics
/// `act` makes no call at all.
pub(crate) fn each_call(mut act: impl FnMut(Fault)) {
    for fault in FAULTS {
        for at in 1.. {
            PLAN.set(Some(FaultPlan {
                fault,
                at,
                calls: 0,
                is_mended: false,
            }));
            act(fault);
            let calls = PLAN.take().map_or(0, |plan| plan.calls);
            if calls < at {
                assert!(at > 1, "there are calls that can fail");
                break;
            }
        }
    }
}

/// Ends the fault: from here on all goes well.
pub(crate) fn mend() {
    PLAN.set(PLAN.get().map(|plan| FaultPlan {
        is_mended: true,
        ..plan
    }));
}

/// Notes a call; true where it is to be short.
fn call() -> io::Result<bool> {
    let Some(mut plan) = PLAN.get().filter(|plan| !plan.is_mended) else {
        return Ok(false);
    };
    plan.calls += 1;
    PLAN.set(Some(plan));
    match plan.fault {
        Fault::Once(errno) if plan.calls == plan.at => Err(errno.into()),
        Fault::Always(errno) if plan.calls >= plan.at => Err(errno.into()),
        fault => Ok(fault == Fault::Short && plan.calls == plan.at),
    }
}

/// The real file system, some of whose calls fail.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaultyDisk;

impl Disk for FaultyDisk {
    fn look(&self, path: &Path) -> io::Result<Metadata> {
        call()?;
        System.look(path)
    }

    fn create(&self, folder: &Path) -> io::Result<(File, TempPath)> {
        call()?;
        System.create(folder)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        let bytes = if call()? { &bytes[..1] } else { bytes };
        System.write(file, bytes)
    }

    fn set_mode(&self, file: &File, mode: Permissions) -> io::Result<()> {
        call()?;
        System.set_mode(file, mode)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        call()?;
        System.sync(file)
    }

    fn rename(&self, draft: TempPath, path: &Path, replace: bool) -> io::Result<()> {
        call()?;
        System.rename(draft, path, replace)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        call()?;
        System.sync_folder(folder)
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        call()?;
        System.open(path)
    }

    fn read(&self, file: &mut File, to: &mut [u8]) -> io::Result<usize> {
        let most = if call()? { 1.min(to.len()) } else { to.len() };
        System.read(file, &mut to[..most])
    }
}
