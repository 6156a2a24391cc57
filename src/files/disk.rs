//! The calls to the system that writing and reading a file take, so that each can be made to fail.

use std::{
    fs::{self, File, Metadata, Permissions},
    io,
    path::{Path, PathBuf},
};
use tempfile::TempPath;

/// The file system, as far as files need it.
pub(super) trait Disk {
    /// Metadata of `path`, links not followed.
    fn look(&self, path: &Path) -> io::Result<Metadata>;

    /// A new file in `folder`.
    fn create(&self, folder: &Path) -> io::Result<(File, TempPath)>;

    /// Writes some of `bytes`.
    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize>;

    /// Gives the file a mode.
    fn set_mode(&self, file: &File, mode: Permissions) -> io::Result<()>;

    /// Waits until the file is on the disk.
    fn sync(&self, file: &File) -> io::Result<()>;

    /// Gives the draft its name; over a file of that name if `replace`.
    fn rename(&self, draft: TempPath, path: &Path, replace: bool) -> io::Result<()>;

    /// Waits until the folder's list of names is on the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Opens a file for reading.
    fn open(&self, path: &Path) -> io::Result<File>;

    /// Reads some bytes.
    fn read(&self, file: &mut File, to: &mut [u8]) -> io::Result<usize>;
}

/// The real one.
#[derive(Debug, Clone, Copy)]
pub(super) struct System;

impl Disk for System {
    fn look(&self, path: &Path) -> io::Result<Metadata> {
        fs::symlink_metadata(path)
    }

    fn create(&self, folder: &Path) -> io::Result<(File, TempPath)> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".eigenstep-");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What the umask leaves of it, as for any new file.
            builder.permissions(Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder);
        let file = file.map_err(|error| without_draft(&error, folder))?;
        Ok(file.into_parts())
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(file, bytes)
    }

    fn set_mode(&self, file: &File, mode: Permissions) -> io::Result<()> {
        file.set_permissions(mode)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, draft: TempPath, path: &Path, replace: bool) -> io::Result<()> {
        let renamed = if replace {
            draft.persist(path)
        } else {
            draft.persist_noclobber(path)
        };
        renamed.map_err(|error| error.error)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        File::open(path)
    }

    fn read(&self, file: &mut File, to: &mut [u8]) -> io::Result<usize> {
        io::Read::read(file, to)
    }
}

/// The error of a draft that could not be created in `folder`, without the draft's own name.
fn without_draft(error: &io::Error, folder: &Path) -> io::Error {
    let kind = error.kind();
    let folder = folder.display();
    let message = match kind {
        io::ErrorKind::NotFound => format!("there is no folder `{folder}`"),
        io::ErrorKind::NotADirectory => format!("`{folder}` is not a folder"),
        _ => format!("no file can be created in the folder `{folder}`: {kind}"),
    };
    io::Error::new(kind, message)
}

/// The file that `path` leads to through symbolic links, whether or not it exists.
pub(super) fn target(disk: &impl Disk, path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    // The link of an open pipe leads to no name.
    if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
        return Ok(path);
    }
    for _ in 0..MOST_LINKS {
        match disk.look(&path) {
            Ok(found) if found.is_symlink() => {
                let to = fs::read_link(&path)?;
                path = match path.parent() {
                    Some(folder) => folder.join(to),
                    None => to,
                };
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}
