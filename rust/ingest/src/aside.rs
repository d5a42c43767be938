//! Files that appear whole or not at all.

use crate::error::IngestError;
use crate::source::failure;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file written under a temporary name in its target's folder, and renamed by [`Aside::commit`]. Dropped before, it leaves nothing, and a file that was there stays as it was.
#[derive(Debug)]
pub struct Aside {
    target: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl Aside {
    /// Starts a file for `target`; its folder must exist.
    ///
    /// # Errors
    /// `file-unwritable` with a next step; also where the target is a folder, a device or a pipe.
    pub fn create(target: impl Into<PathBuf>) -> Result<Self, IngestError> {
        let given: PathBuf = target.into();
        // A link stays a link: what it leads to is replaced.
        let target = if given.is_symlink() { std::fs::canonicalize(&given).unwrap_or(given) } else { given };
        let refused = |reason: &str, help: &str| {
            let text = format!("`{}` cannot be written: it is {reason}", target.display());
            Err(IngestError::new("file-unwritable", text).help(help))
        };
        match std::fs::metadata(&target) {
            Ok(found) if found.is_dir() => return refused("a folder", "name a file in it"),
            // Renaming over a device or a pipe would remove it.
            Ok(found) if !found.is_file() => return refused("a device or a pipe", "name a file"),
            _ => {}
        }
        let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file =
            temporary(folder, &target).map_err(|error| failure::unwritable(&target.display().to_string(), &error))?;
        Ok(Self { target, file: BufWriter::with_capacity(64 << 10, file) })
    }

    /// Where it will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// `file-unwritable`: a full disk, most often.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), IngestError> {
        self.file.write_all(bytes).map_err(|error| failure::unwritable(&self.target.display().to_string(), &error))
    }

    /// Makes what was written last, and puts it in the target's place at once.
    ///
    /// # Errors
    /// `file-unwritable`; then the target is as it was.
    pub fn commit(self) -> Result<(), IngestError> {
        let target = self.target;
        let failed = |error: &std::io::Error| failure::unwritable(&target.display().to_string(), error);
        let file = self.file.into_inner().map_err(|error| failed(error.error()))?;
        file.as_file().sync_all().map_err(|error| failed(&error))?;
        file.persist(&target).map_err(|error| failed(&error.error))?;
        // The new name lasts once its folder does; where a folder cannot be synced, the content is safe all the same.
        #[cfg(unix)]
        if let Some(Ok(folder)) = target.parent().map(std::fs::File::open) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// A temporary file with the rights that the umask leaves, or those of the file it replaces.
fn temporary(folder: &Path, target: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".guard-nb-").suffix(".part");
    let rights = std::fs::metadata(target).ok().map(|old| old.permissions());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(rights.unwrap_or_else(|| std::fs::Permissions::from_mode(0o666)));
    }
    #[cfg(not(unix))]
    drop(rights);
    builder.tempfile_in(folder)
}
