//! Files that appear whole or not at all.

use crate::error::IngestError;
use crate::flusher::Flusher;
use crate::source::failure;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Error, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// Temporary files that there are, for an end without farewell.
struct Incomplete {
    paths: Vec<PathBuf>,
    /// The process ends: there will be no more.
    closed: bool,
}

static INCOMPLETE: Mutex<Incomplete> = Mutex::new(Incomplete { paths: Vec::new(), closed: false });

fn incomplete() -> MutexGuard<'static, Incomplete> {
    INCOMPLETE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes every file that is not complete, and lets no other thread begin or complete one; for the end of the process only, where nothing is dropped.
pub fn remove_incomplete() {
    let mut all = incomplete();
    all.closed = true;
    for path in all.paths.drain(..) {
        // Whatever cannot be removed stays under its own name beside the target.
        let _ = std::fs::remove_file(path);
    }
}

/// A temporary file, removed with the value or by [`remove_incomplete`].
#[derive(Debug)]
pub(crate) struct Temporary {
    /// None once it was put in its place.
    file: Option<NamedTempFile>,
}

impl Temporary {
    /// Makes one.
    pub(crate) fn create(make: impl FnOnce() -> std::io::Result<NamedTempFile>) -> std::io::Result<Self> {
        let mut all = incomplete();
        if all.closed {
            return Err(Error::other("the call ends"));
        }
        let file = make()?;
        all.paths.push(file.path().to_owned());
        Ok(Self { file: Some(file) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(NamedTempFile::path)
    }

    /// Another handle, at the start.
    pub(crate) fn reopen(&self) -> std::io::Result<File> {
        self.file.as_ref().map_or_else(|| Err(gone()), NamedTempFile::reopen)
    }

    fn persist(mut self, target: &Path) -> std::io::Result<()> {
        let mut all = incomplete();
        let file = self.file.take().filter(|_| !all.closed).ok_or_else(gone)?;
        let aside = file.path().to_owned();
        let placed = file.persist(target);
        all.paths.retain(|other| *other != aside);
        placed.map(drop).map_err(|why| why.error)
    }
}

fn gone() -> Error {
    Error::other("the call ends")
}

impl Write for Temporary {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.as_mut().map_or_else(|| Err(gone()), |file| file.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.as_mut().map_or_else(|| Err(gone()), Write::flush)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            let path = file.path().to_owned();
            drop(file);
            incomplete().paths.retain(|other| *other != path);
        }
    }
}

/// Refuses to write over what is read, and to write two things into one file, whatever names or links lead to it. What is no plain file (a device, a pipe)
/// may be named again.
///
/// # Errors
/// `file-unwritable`.
pub fn apart(read: &[PathBuf], written: &[&Path]) -> Result<(), IngestError> {
    let mut taken: Vec<Spot> = read.iter().map(|path| Spot::of(path)).collect();
    for path in written {
        let at = Spot::of(path);
        let plain = std::fs::metadata(&at.place).map_or(true, |about| about.is_file());
        if let Some(same) = taken.iter().find(|other| plain && at.is(other)) {
            let link = if same.place == at.place { "" } else { ", by another name (a hard link)" };
            let message = format!("`{}` is read, or written to, already{link}", path.display());
            return Err(IngestError::new("file-unwritable", message).help("give each file a name of its own"));
        }
        taken.push(at);
    }
    Ok(())
}

/// A file, or where one would be.
pub(crate) struct Spot {
    pub(crate) place: PathBuf,
    /// Device and number of a plain file that is there.
    pub(crate) file: Option<(u64, u64)>,
}

impl Spot {
    pub(crate) fn of(path: &Path) -> Self {
        Self { place: place(path), file: number(path) }
    }

    /// Do both lead to one file?
    fn is(&self, other: &Self) -> bool {
        self.place == other.place || self.file.is_some() && self.file == other.file
    }
}

#[cfg(unix)]
fn number(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|about| (about.dev(), about.ino()))
}

/// Hard links are not told apart from copies there.
#[cfg(not(unix))]
fn number(_: &Path) -> Option<(u64, u64)> {
    None
}

/// Where a file is, or would be.
fn place(path: &Path) -> PathBuf {
    let folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(std::fs::canonicalize(folder).ok()?.join(path.file_name()?))
    };
    std::fs::canonicalize(path).ok().or_else(folder).unwrap_or_else(|| path.to_owned())
}

/// A file written under a temporary name in its target's folder, and renamed by [`Aside::commit`]. Dropped before, it leaves nothing, and a file that was there
/// stays as it was. What is no plain file (a device, a named pipe) is written as it stands: renaming would replace it.
#[derive(Debug)]
pub struct Aside {
    target: PathBuf,
    file: BufWriter<Kind>,
}

#[derive(Debug)]
enum Kind {
    Plain(Temporary, Flusher),
    Device(File),
}

impl Write for Kind {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(file, flusher) => {
                let written = file.write(bytes)?;
                flusher.wrote(written, || file.reopen());
                Ok(written)
            }
            Self::Device(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(file, _) => file.flush(),
            Self::Device(file) => file.flush(),
        }
    }
}

impl Aside {
    /// Starts a file for `target`; its folder must exist.
    ///
    /// # Errors
    /// `file-unwritable` with a next step; also where the target is a folder.
    pub fn create(target: impl Into<PathBuf>) -> Result<Self, IngestError> {
        let given: PathBuf = target.into();
        let failed = |error: Error| failure::unwritable(&given.display().to_string(), &error);
        // A link stays a link: what it leads to is replaced.
        let target =
            if given.is_symlink() { std::fs::canonicalize(&given).unwrap_or(given.clone()) } else { given.clone() };
        let kind = match std::fs::metadata(&target) {
            Ok(found) if found.is_dir() => {
                let text = format!("`{}` cannot be written: it is a folder", given.display());
                return Err(IngestError::new("file-unwritable", text).help("name a file in it"));
            }
            Ok(found) if !found.is_file() => {
                Kind::Device(OpenOptions::new().write(true).open(&target).map_err(failed)?)
            }
            _ => Kind::Plain(Temporary::create(|| beside(&target)).map_err(failed)?, Flusher::default()),
        };
        Ok(Self { target, file: BufWriter::with_capacity(64 << 10, kind) })
    }

    /// Where it will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// `file-unwritable`: a full disk, most often.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), IngestError> {
        self.file.write_all(bytes).map_err(|error| failure::unwritable(&self.target.display().to_string(), &error))
    }

    /// Makes what was written last, and puts it in the target's place at once.
    ///
    /// # Errors
    /// `file-unwritable`; then the target is as it was.
    pub fn commit(self) -> Result<(), IngestError> {
        let target = self.target;
        let failed = |error: &Error| failure::unwritable(&target.display().to_string(), error);
        let file = match self.file.into_inner().map_err(|error| failed(error.error()))? {
            Kind::Plain(file, _) => file,
            Kind::Device(_) => return Ok(()),
        };
        let synced = file.file.as_ref().map_or(Ok(()), |file| file.as_file().sync_all());
        synced.and_then(|()| file.persist(&target)).map_err(|error| failed(&error))?;
        // The new name lasts once its folder does; where a folder cannot be synced, the content is safe all the same.
        #[cfg(unix)]
        if let Some(Ok(folder)) = target.parent().map(File::open) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

/// Writers of file formats want a plain writer; their errors are theirs to word.
impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// What an error of the system on the way to `path` means: `file-unwritable`, with the next step.
pub fn unwritable(path: &Path, why: &Error) -> IngestError {
    failure::unwritable(&path.display().to_string(), why)
}

/// A temporary file with the rights that the umask leaves, or those of the file it replaces. What processes left here that ended without farewell is removed.
fn beside(target: &Path) -> std::io::Result<NamedTempFile> {
    let folder = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    let rights = std::fs::metadata(target).ok().map(|old| old.permissions());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(rights.unwrap_or_else(|| std::fs::Permissions::from_mode(0o666)));
        left::remove(folder);
    }
    #[cfg(not(unix))]
    drop(rights);
    loop {
        let file = builder.tempfile_in(folder)?;
        #[cfg(unix)]
        if !left::hold(file.as_file()) {
            continue;
        }
        return Ok(file);
    }
}

/// Between them stands what makes the name of a temporary file its own.
const PREFIX: &str = ".guard-nb-";
const SUFFIX: &str = ".part";

/// Temporary files of processes that were killed. Whoever writes one holds its lock, which ends with the process: one whose lock can be had is nobody's.
#[cfg(unix)]
mod left {
    use super::{PREFIX, SUFFIX};
    use std::fs::{DirEntry, File};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// Files of a folder that are looked at.
    const LOOKED_AT: usize = 10_000;

    /// Removes those in a folder. Where locks are not known there are none to be had, and nothing is removed.
    pub(super) fn remove(folder: &Path) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().take(LOOKED_AT).flatten();
        for entry in entries.filter(is_temporary) {
            let path = entry.path();
            // The lock is held until the file is gone: see `hold`.
            if let Ok(file) = File::open(&path)
                && file.try_lock().is_ok()
            {
                // Whatever cannot be removed stays.
                let _ = std::fs::remove_file(&path);
            }
        }
    }

    fn is_temporary(entry: &DirEntry) -> bool {
        let name = entry.file_name();
        let is_named = name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        is_named && entry.file_type().is_ok_and(|kind| kind.is_file())
    }

    /// Locks a new file; false if another process has taken it for nobody's before, and removed it.
    pub(super) fn hold(file: &File) -> bool {
        file.lock().is_err() || file.metadata().is_ok_and(|about| about.nlink() > 0)
    }
}
