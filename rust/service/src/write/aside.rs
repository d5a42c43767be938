//! Files that appear whole or not at all.

use crate::failure::Failure;
use guard_verdict::codes;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::{Builder, NamedTempFile};

/// Files being written, for an end without farewell.
static INCOMPLETE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes what is not complete; for the end of the process only.
pub fn remove_incomplete() {
    for path in INCOMPLETE.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
        // Whatever cannot be removed stays beside the target under its own name.
        let _ = std::fs::remove_file(path);
    }
}

/// A file that is written beside its target and renamed when complete; dropped, it leaves nothing. What is no plain file (a device, a named
/// pipe) is written as it stands: renaming would replace it.
pub struct Aside {
    target: PathBuf,
    temporary: Option<NamedTempFile>,
}

impl Aside {
    /// The file and a handle to write to.
    pub fn create(path: &Path) -> Result<(Self, File), Failure> {
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let failed = |why: std::io::Error| unwritable(path, &why);
        if std::fs::metadata(&target).is_ok_and(|about| !about.is_file()) {
            let file = OpenOptions::new().write(true).open(&target).map_err(failed)?;
            return Ok((Self { target, temporary: None }, file));
        }
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        let mut builder = Builder::new();
        builder.prefix(&prefix);
        readable(&mut builder);
        let temporary = builder.tempfile_in(folder).map_err(failed)?;
        let file = temporary.as_file().try_clone().map_err(failed)?;
        INCOMPLETE.lock().unwrap_or_else(PoisonError::into_inner).push(temporary.path().to_owned());
        Ok((Self { target, temporary: Some(temporary) }, file))
    }

    /// Puts the file in its place.
    pub fn commit(mut self) -> Result<(), Failure> {
        let Some(temporary) = self.temporary.take() else { return Ok(()) };
        let aside = temporary.path().to_owned();
        let placed = temporary.persist(&self.target).map_err(|why| unwritable(&self.target, &why.error));
        forget(&aside);
        placed.map(|_| ())
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            let aside = temporary.path().to_owned();
            drop(temporary);
            forget(&aside);
        }
    }
}

fn forget(path: &Path) {
    INCOMPLETE.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| other != path);
}

/// As the umask has it, like any file that a program makes.
fn readable(builder: &mut Builder<'_, '_>) {
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    let _ = builder;
}

/// A file cannot be written.
pub fn unwritable(path: &Path, why: &std::io::Error) -> Failure {
    let message = format!("`{}` cannot be written: {}", path.display(), crate::load::reason(why));
    Failure::new(codes::usage::FILE_UNWRITABLE.name(), message, "check the folder, its permissions and the space left")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    #[test]
    fn whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out.txt");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let (aside, mut file) = Aside::create(&target).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!target.exists() && names() == 1);
        drop(aside);
        assert_eq!(names(), 0);
        let (aside, mut file) = Aside::create(&target).unwrap();
        file.write_all(b"whole").unwrap();
        aside.commit().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        assert_eq!(names(), 1);
        assert!(Aside::create(&folder.path().join("nowhere/out.txt")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn devices_and_links_stay() {
        let (aside, mut file) = Aside::create(Path::new("/dev/null")).unwrap();
        file.write_all(b"gone").unwrap();
        aside.commit().unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "old").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let (aside, mut file) = Aside::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        aside.commit().unwrap();
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
