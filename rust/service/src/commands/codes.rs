//! `codes`

use crate::args::CodesArgs;
use crate::failure::Failure;
use crate::{Exit, Surface};
use anstyle::Style;
use guard_verdict::{Code, codes};
use serde_json::{Value, json};

pub fn run(args: &CodesArgs, surface: &mut Surface<'_>) -> Result<Exit, Failure> {
    let chosen: Vec<Code> = match &args.code {
        None => codes::all().collect(),
        Some(name) => codes::all().filter(|code| code.name() == name).collect(),
    };
    let text = match (&args.code, chosen.as_slice()) {
        (Some(name), []) => return Err(unknown(name)),
        (_, chosen) if args.json => format!("{}\n", Value::Array(chosen.iter().map(|code| entry(*code)).collect())),
        (Some(_), [code, ..]) => page(*code, surface),
        (_, chosen) => list(chosen, surface),
    };
    surface.print(&text).map(|()| Exit::ACCEPT)
}

fn unknown(name: &str) -> Failure {
    let alike: Vec<_> = codes::all()
        .map(Code::name)
        .filter(|known| name.len() > 2 && (known.contains(name) || name.contains(known)))
        .collect();
    let help = match alike.as_slice() {
        [] => "`guard-nb codes` lists them".to_owned(),
        some => format!("did you mean `{}`?", some.iter().take(5).copied().collect::<Vec<_>>().join("`, `")),
    };
    Failure::new("", format!("there is no code `{name}`"), help)
}

fn area(code: Code) -> String {
    format!("{:?}", code.0.area).to_lowercase()
}

fn entry(code: Code) -> Value {
    let about = code.0;
    json!({"name": about.name, "area": area(code), "summary": about.summary, "help": about.help, "example": about.example})
}

fn page(code: Code, surface: &Surface<'_>) -> String {
    let about = code.0;
    let name = surface.on_out(Style::new().bold(), about.name);
    format!(
        "{name} ({})\n  {}\n  to do: {}\n  example: {}\n",
        area(code),
        about.summary,
        about.help,
        about.example.replace('\n', "\n    ")
    )
}

fn list(chosen: &[Code], surface: &Surface<'_>) -> String {
    let width = chosen.iter().map(|code| code.name().len()).max().unwrap_or_default();
    let (mut out, mut last) = (String::new(), String::new());
    for code in chosen {
        if area(*code) != last {
            let gap = if last.is_empty() { "" } else { "\n" };
            last = area(*code);
            out.push_str(&format!("{gap}{}\n", surface.on_out(Style::new().bold(), &last)));
        }
        out.push_str(&format!("  {:width$}  {}\n", code.name(), code.0.summary));
    }
    out
}
