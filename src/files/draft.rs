//! A file on its way: a draft in the folder of the file that is wanted, which takes its place at the end.

use super::{
    Existing, WriteError,
    disk::{Disk, target},
};
use std::{
    fs::{File, Permissions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};
use tempfile::TempPath;

/// A draft; dropped before its end, it leaves nothing behind.
pub(super) struct Draft<'a, D> {
    disk: &'a D,
    file: File,
    nameless: TempPath,
    path: PathBuf,
    folder: PathBuf,
    /// The mode of the file that will be replaced.
    mode: Option<Permissions>,
    existing: Existing,
}

/// Writes `bytes` as the file at `path`.
pub(super) fn write(
    disk: &impl Disk,
    path: &Path,
    bytes: &[u8],
    existing: Existing,
) -> Result<(), WriteError> {
    let mut draft = Draft::begin(disk, path, existing)?;
    draft.write_all(bytes)?;
    draft.finish()?;
    Ok(())
}

impl<'a, D: Disk> Draft<'a, D> {
    /// A draft of the file at `path`.
    pub fn begin(disk: &'a D, path: &Path, existing: Existing) -> Result<Self, WriteError> {
        let path = target(disk, path)?;
        let mode = match disk.look(&path) {
            Ok(found) if !found.is_file() => return Err(WriteError::NoFile),
            Ok(_) if existing == Existing::Kept => return Err(WriteError::Exists),
            Ok(found) => Some(found.permissions()),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let (file, nameless) = disk.create(&folder)?;
        Ok(Self {
            disk,
            file,
            nameless,
            path,
            folder,
            mode,
            existing,
        })
    }

    /// Puts the draft in the place of the file, and goes on with it.
    pub fn finish(self) -> Result<File, WriteError> {
        if let Some(mode) = self.mode {
            self.disk.set_mode(&self.file, mode)?;
        }
        self.disk.sync(&self.file)?;
        let replace = self.existing == Existing::Replaced;
        let renamed = self.disk.rename(self.nameless, &self.path, replace);
        renamed.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => WriteError::Exists,
            _ => error.into(),
        })?;
        // The file is there; that its name may be lost with the power is no reason to say that it is not.
        let _ = self.disk.sync_folder(&self.folder);
        Ok(self.file)
    }
}

impl<D: Disk> Write for Draft<'_, D> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.disk.write(&mut self.file, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::disk::System, *};
    use rustix::io::Errno;
    use std::{cell::Cell, fs, fs::Metadata};

    /// A disk on which the call number `fails_at` fails with `errno`, or writes one byte only.
    struct FaultyDisk {
        calls: Cell<usize>,
        fails_at: usize,
        errno: Option<Errno>,
        failed: Cell<bool>,
    }

    impl FaultyDisk {
        fn call(&self) -> io::Result<bool> {
            self.calls.set(self.calls.get() + 1);
            if self.calls.get() != self.fails_at {
                return Ok(false);
            }
            self.failed.set(true);
            match self.errno {
                Some(errno) => Err(errno.into()),
                None => Ok(true),
            }
        }
    }

    impl Disk for FaultyDisk {
        fn look(&self, path: &Path) -> io::Result<Metadata> {
            self.call()?;
            System.look(path)
        }
        fn create(&self, folder: &Path) -> io::Result<(File, TempPath)> {
            self.call()?;
            System.create(folder)
        }
        fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
            let short = self.call()?;
            System.write(file, if short { &bytes[..1] } else { bytes })
        }
        fn set_mode(&self, file: &File, mode: Permissions) -> io::Result<()> {
            self.call()?;
            System.set_mode(file, mode)
        }
        fn sync(&self, file: &File) -> io::Result<()> {
            self.call()?;
            System.sync(file)
        }
        fn rename(&self, draft: TempPath, path: &Path, replace: bool) -> io::Result<()> {
            self.call()?;
            System.rename(draft, path, replace)
        }
        fn sync_folder(&self, folder: &Path) -> io::Result<()> {
            self.call()?;
            System.sync_folder(folder)
        }
    }

    #[test]
    fn whatever_call_fails_the_file_is_the_old_one_or_the_new_one() {
        let faults = [
            Errno::NOSPC,
            Errno::IO,
            Errno::AGAIN,
            Errno::FBIG,
            Errno::DQUOT,
        ];
        let faults = faults
            .map(Some)
            .into_iter()
            .chain([Some(Errno::INTR), None]);
        for errno in faults {
            for fails_at in 1.. {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("file");
                fs::write(&file, "old").unwrap();
                let disk = FaultyDisk {
                    calls: Cell::new(0),
                    fails_at,
                    errno,
                    failed: Cell::new(false),
                };
                let written = write(&disk, &file, b"the new text", Existing::Replaced);
                let text = fs::read_to_string(&file).unwrap();
                let expected = if written.is_ok() {
                    "the new text"
                } else {
                    "old"
                };
                assert_eq!(text, expected, "{errno:?} at call {fails_at}");
                assert_eq!(
                    fs::read_dir(folder.path()).unwrap().count(),
                    1,
                    "no draft is left"
                );
                if !disk.failed.get() {
                    assert!(fails_at > 6, "{fails_at} calls only");
                    break;
                }
            }
        }
    }

    #[test]
    fn an_interrupted_or_short_write_is_gone_on_with() {
        for errno in [Some(Errno::INTR), None] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("file");
            // The calls before it: two looks and the draft.
            let disk = FaultyDisk {
                calls: Cell::new(0),
                fails_at: 4,
                errno,
                failed: Cell::new(false),
            };
            write(&disk, &file, b"whole", Existing::Kept).unwrap();
            assert!(disk.failed.get());
            assert_eq!(fs::read(&file).unwrap(), b"whole");
        }
    }
}
