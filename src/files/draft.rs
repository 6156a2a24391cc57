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
    use crate::files::{Existing, Stream, WriteError, faults, faults::Fault, write};
    use rustix::io::Errno;
    use std::{fs, io::Write};

    #[test]
    fn whatever_call_fails_the_file_is_the_old_one_or_the_new_one() {
        faults::each_call(|fault| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("file");
            fs::write(&file, "old").unwrap();
            let written = write(&file, b"the new text", Existing::Replaced);
            let expected = if written.is_ok() {
                "the new text"
            } else {
                "old"
            };
            assert_eq!(fs::read_to_string(&file).unwrap(), expected, "{fault:?}");
            let count = fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(count, 1, "no draft is left");
        });
    }

    #[test]
    fn a_file_that_is_there_is_kept_whatever_call_fails() {
        faults::each_call(|fault| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("file");
            fs::write(&file, "old").unwrap();
            let error = write(&file, b"new", Existing::Kept).unwrap_err();
            let told = matches!(error, WriteError::Exists | WriteError::Failed(_));
            assert!(told, "{fault:?}: {error:?}");
            assert_eq!(fs::read_to_string(&file).unwrap(), "old");
        });
    }

    #[test]
    fn an_interrupted_or_short_write_is_gone_on_with() {
        let mut failed = 0;
        faults::each_call(|fault| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("file");
            if write(&file, b"whole", Existing::Kept).is_err() {
                failed += u32::from(fault == Fault::Short);
                // Of the calls that it takes, writing alone is repeated.
                assert!(!file.exists());
            } else {
                assert_eq!(fs::read(&file).unwrap(), b"whole");
            }
        });
        assert_eq!(failed, 0, "a short count is no failure");
    }

    #[test]
    fn what_was_flushed_is_in_the_file_whatever_call_fails() {
        const LINES: [&str; 3] = ["first\n", "second\n", "third\n"];
        faults::each_call(|fault| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("file");
            fs::write(&file, "old").unwrap();
            let mut flushed = String::new();
            if let Ok(mut stream) = Stream::begin(&file, Existing::Replaced) {
                for line in LINES {
                    let written = stream.write_all(line.as_bytes());
                    if written.and_then(|()| stream.flush()).is_err() {
                        break;
                    }
                    flushed.push_str(line);
                }
            }
            let text = fs::read_to_string(&file).unwrap();
            if flushed.is_empty() {
                assert!(
                    text == "old" || LINES.concat().starts_with(&text),
                    "{fault:?}: {text}"
                );
            } else {
                assert!(text.starts_with(&flushed), "{fault:?}: {text}");
                assert!(LINES.concat().starts_with(&text), "{fault:?}: {text}");
            }
            if fault == Fault::Once(Errno::INTR) && !flushed.is_empty() {
                assert_eq!(text, LINES.concat());
            }
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        });
    }
}
