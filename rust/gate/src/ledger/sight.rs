//! Which file stands at a path, and how long it is (G6.3).

use std::path::PathBuf;

/// A file as it was seen last. SQLite goes on where its files are removed or cut: what it then writes is lost when it closes.
#[derive(Debug)]
pub(super) struct Sight {
    path: PathBuf,
    /// Device and number.
    node: [u64; 2],
    /// Neither file ever becomes shorter by what ledgers do.
    length: u64,
}

impl Sight {
    /// The file that stands there.
    pub fn of(path: PathBuf) -> Option<Sight> {
        let (node, length) = seen(&path).ok()?;
        Some(Sight { path, node, length })
    }

    /// Is it still the same file, and as long?
    pub fn stands(&mut self) -> bool {
        let Ok((node, length)) = seen(&self.path) else { return false };
        let before = std::mem::replace(&mut self.length, length);
        node == self.node && length >= before
    }

    /// From now on it does not stand, whatever is put there.
    pub fn forsake(&mut self) {
        self.length = u64::MAX;
    }
}

/// What tells a file from any other, and its length. Its times are not asked for: a Linux that is asked for them keeps the time
/// of each later write exactly, and each commit would then write the file's inode to the disk besides.
#[cfg(target_os = "linux")]
fn seen(path: &std::path::Path) -> std::io::Result<([u64; 2], u64)> {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    match statx(CWD, path, AtFlags::empty(), StatxFlags::INO | StatxFlags::SIZE) {
        Ok(about) => {
            let device = u64::from(about.stx_dev_major) << 32 | u64::from(about.stx_dev_minor);
            Ok(([device, about.stx_ino], about.stx_size))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn seen(path: &std::path::Path) -> std::io::Result<([u64; 2], u64)> {
    use std::os::unix::fs::MetadataExt;
    let about = std::fs::metadata(path)?;
    Ok(([about.dev(), about.ino()], about.len()))
}

/// The system's files have no number that the standard library gives.
#[cfg(not(unix))]
fn seen(path: &std::path::Path) -> std::io::Result<([u64; 2], u64)> {
    Ok(([0; 2], std::fs::metadata(path)?.len()))
}
