//! Prints the report of a year of flights as a page: `cargo run -p guard-verdict --example report > report.html`.
//! Arguments: the verdict (`flights`, `varied`, `empty`, `hostile`) and the form (`page`, `html`, `text`, `table`, `traceback`,
//! `oors`, `junit`).
#![allow(clippy::print_stdout, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use guard_verdict::render;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (verdict, beside) = match arguments.next().as_deref() {
        Some("varied") => (support::varied(), support::beside()),
        Some("empty") => (support::empty(), support::beside()),
        Some("hostile") => support::hostile("<script>alert(1)</script>\u{1b}[31m\u{202e}\n"),
        _ => (support::flights(), support::beside()),
    };
    let out = match arguments.next().as_deref() {
        Some("html") => render::html(&verdict, &beside),
        Some("text") => render::text(&verdict, &beside),
        Some("table") => render::table(&verdict, &beside),
        Some("traceback") => render::traceback(&verdict, &beside).join("\n"),
        Some("oors") => render::oors(&verdict, &beside)?,
        Some("junit") => render::junit(&verdict, &beside),
        _ => render::html_page(&verdict, &beside),
    };
    print!("{out}");
    Ok(())
}
