//! `lint`

use crate::args::LintArgs;
use crate::failure::Failure;
use crate::{Exit, Surface, gates, load};
use guard_engine::contract::lint_with;
use guard_gate::Gate;
use guard_verdict::Level;
use serde_json::{Value, json};
use std::path::Path;

pub fn run(args: &LintArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let (mut text, mut documents) = (String::new(), Vec::new());
    let mut worst = Exit::ACCEPT;
    for path in &args.contracts {
        let text_of = if gates::is_gate(path, "") { load::file(path, "gate")? } else { load::text(path)? };
        let found = if gates::is_gate(path, &text_of) {
            Gate::load(&text_of, &|name| gates::schema_file(path, name))
                .map_or_else(|found| found, |gate| gate.diagnostics)
        } else {
            lint_with(&text_of, &load::options(&args.variables))
        };
        let name = if path == Path::new("-") { "<stdin>".to_owned() } else { path.display().to_string() };
        let counts = |level| found.iter().filter(|one| one.level == level).count();
        if counts(Level::Error) > 0 || args.strict && counts(Level::Warning) > 0 {
            worst = Exit::REJECT;
        }
        if args.json {
            documents.extend(found.iter().map(|one| {
                let mut one = json!(one);
                if let Value::Object(keys) = &mut one {
                    keys.shift_insert(0, "file".to_owned(), json!(name));
                }
                one
            }));
        } else if found.is_empty() {
            text.push_str(&format!("{}: no findings\n", crate::surface::harmless(&name)));
        } else {
            text.push_str(&load::lines(&name, &found, surface.out_colour));
        }
    }
    if args.json {
        text = format!("{}\n", Value::Array(documents));
    }
    surface.print(&text).map(|()| worst)
}
