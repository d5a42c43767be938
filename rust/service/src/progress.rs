//! How far a call is, on a terminal only.

use crate::{Stop, Surface};
use guard_engine::run::Control;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows the records done, and stops when asked.
pub struct Watch {
    bar: Option<ProgressBar>,
    stop: Stop,
}

impl Watch {
    /// `doing` is a word such as `checking`; nothing is shown when `quiet` or when nobody watches.
    pub fn new(surface: &Surface<'_>, doing: &'static str, quiet: bool) -> Self {
        let bar = (surface.progress && !quiet).then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{spinner} {msg} {human_pos} records, {elapsed}, {per_sec}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.with_message(doing)
        });
        Self { bar, stop: surface.stop.clone() }
    }
}

impl Control for Watch {
    fn keep_going(&self, records: u64) -> bool {
        if let Some(bar) = &self.bar {
            bar.set_position(records);
        }
        !self.stop.asked()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
