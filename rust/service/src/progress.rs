//! How far a call is, on a terminal only.

use crate::{Stop, Surface};
use guard_engine::run::Control;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Mutex;

/// Shows the records and bytes done, and stops when asked.
pub struct Watch {
    bar: Option<ProgressBar>,
    doing: &'static str,
    bytes: Mutex<(u64, Option<u64>)>,
    stop: Stop,
}

impl Watch {
    /// `doing` is a word such as `checking`; nothing is shown when `quiet` or when nobody watches.
    pub fn new(surface: &Surface<'_>, doing: &'static str, quiet: bool) -> Self {
        let bar = (surface.progress && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{spinner} {msg}, {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.with_message(doing)
        });
        Self { bar, doing, bytes: Mutex::default(), stop: surface.stop.clone() }
    }
}

/// `checking 1,024 records, 3.10 MiB of 12.00 MiB`
fn message(doing: &str, records: u64, (read, of): (u64, Option<u64>)) -> String {
    let bytes = match of {
        _ if read == 0 => String::new(),
        // Read twice, a file yields more bytes than it has.
        Some(of) if read <= of => format!(", {} of {}", HumanBytes(read), HumanBytes(of)),
        _ => format!(", {}", HumanBytes(read)),
    };
    format!("{doing} {} records{bytes}", HumanCount(records))
}

impl Control for Watch {
    fn keep_going(&self, records: u64) -> bool {
        if let Some(bar) = &self.bar {
            let bytes = self.bytes.lock().map(|bytes| *bytes).unwrap_or_default();
            bar.set_message(message(self.doing, records, bytes));
            bar.tick();
        }
        !self.stop.asked()
    }

    fn bytes(&self, read: u64, of: Option<u64>) {
        if let Ok(mut bytes) = self.bytes.lock().map_err(drop) {
            *bytes = (read, of);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        assert_eq!(message("checking", 1024, (0, None)), "checking 1,024 records");
        assert_eq!(message("checking", 0, (1 << 20, Some(3 << 20))), "checking 0 records, 1.00 MiB of 3.00 MiB");
        assert_eq!(message("checking", 9, (1 << 20, None)), "checking 9 records, 1.00 MiB");
        assert_eq!(message("checking", 9, (2 << 20, Some(1 << 20))), "checking 9 records, 2.00 MiB");
    }
}
