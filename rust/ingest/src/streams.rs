//! The standard streams of the process, of which each may be closed. The standard library takes a closed one for one that has ended, or that takes all.

use std::io::{Error, Read, Result, Write};
use std::sync::OnceLock;

/// Numbers of standard input, output and error.
const STREAMS: [usize; 3] = [0, 1, 2];

/// Which of standard input, output and error are closed: as it was when this was first called. Their numbers are taken from then on, so that no file that is opened
/// later is read, or written to, in their place.
pub fn closed_streams() -> [bool; 3] {
    static CLOSED: OnceLock<[bool; 3]> = OnceLock::new();
    *CLOSED.get_or_init(|| {
        let closed = STREAMS.map(is_closed);
        if closed.contains(&true) {
            take();
        }
        closed
    })
}

/// Standard input.
///
/// # Errors
/// If it is closed: it is not empty then.
pub fn stdin() -> Result<Box<dyn Read + Send>> {
    let [closed, ..] = closed_streams();
    if closed { Err(Error::other("it is closed")) } else { opened_in() }
}

/// Standard output.
///
/// # Errors
/// If it is closed: nothing gets anywhere then.
pub fn stdout() -> Result<Box<dyn Write + Send>> {
    let [_, closed, _] = closed_streams();
    if closed { Err(Error::other("it is closed")) } else { opened_out() }
}

// Another number of the same file tells of every error; the standard library's own streams keep to themselves that theirs may not be read, or written to.
#[cfg(unix)]
fn opened_in() -> Result<Box<dyn Read + Send>> {
    use std::os::fd::AsFd;
    Ok(Box::new(std::fs::File::from(std::io::stdin().as_fd().try_clone_to_owned()?)))
}

#[cfg(unix)]
fn opened_out() -> Result<Box<dyn Write + Send>> {
    use std::os::fd::AsFd;
    Ok(Box::new(std::io::LineWriter::new(std::fs::File::from(std::io::stdout().as_fd().try_clone_to_owned()?))))
}

#[cfg(not(unix))]
fn opened_in() -> Result<Box<dyn Read + Send>> {
    Ok(Box::new(std::io::stdin()))
}

#[cfg(not(unix))]
fn opened_out() -> Result<Box<dyn Write + Send>> {
    Ok(Box::new(std::io::stdout()))
}

#[cfg(unix)]
fn is_closed(stream: usize) -> bool {
    // Where the system does not list open files, nothing is known.
    std::fs::metadata("/dev/fd").is_ok() && std::fs::metadata(format!("/dev/fd/{stream}")).is_err()
}

#[cfg(not(unix))]
fn is_closed(_: usize) -> bool {
    false
}

#[cfg(unix)]
fn take() {
    use std::os::fd::AsRawFd;
    // Each file that is opened gets the least number that is free.
    while let Ok(nothing) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/null") {
        if nothing.as_raw_fd() > 2 {
            return;
        }
        std::mem::forget(nothing);
    }
}

#[cfg(not(unix))]
fn take() {}
