//! The seam to guard-gate: gates from files, and ledgers by the text that names them.

use crate::failure::Failure;
use crate::{load, params};
use guard_gate::Gate;
use guard_gate::export::{open, open_known, open_to_look, remote};
use guard_gate::ledger::{Ledger, Store};
use guard_gate::permit::Key;
use guard_verdict::codes;
use std::path::{Path, PathBuf};

/// Where a ledger is kept, and the key of its permits.
pub type Kept = (Box<dyn Store>, Key);

/// Is the file a gate? By its name, or by the `apiVersion` or `kind` that it states; contracts have other ones.
pub fn is_gate(path: &Path, text: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let bare =
        |line: &str| line.split(" #").next().unwrap_or_default().replace(['"', '\'', ' ', ',', '{', '}', '\t'], "");
    let whole = |line: &str| matches!(bare(line.trim_end()).as_str(), "apiVersion:guard-nb/v1" | "kind:Gate");
    let json = text.trim_start().starts_with('{');
    let states = |line: &str| (json || !line.starts_with([' ', '\t'])) && whole(line);
    let mut lines = text.split(if json { [',', '\n'] } else { ['\n'; 2] });
    [".gate.yaml", ".gate.yml", ".gate.json"].iter().any(|end| name.ends_with(end)) || lines.any(states)
}

/// The text of a schema file that a gate names: in the gate's folder, or below.
pub fn schema_file(gate: &Path, name: &str) -> Option<String> {
    let folder = if gate == Path::new("-") { PathBuf::from(".") } else { gate.parent()?.to_owned() };
    let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    let folder = folder.canonicalize().ok()?;
    let file = folder.join(name).canonicalize().ok()?;
    if !file.starts_with(&folder) {
        return None;
    }
    std::fs::read_to_string(file).ok()
}

/// A gate; what keeps it from loading is listed with lines and columns.
pub fn gate(path: &Path) -> Result<Gate, Failure> {
    let text = load::file(path, "gate")?;
    Gate::load(&text, &|name| schema_file(path, name)).map_err(|found| Failure::Gate(path.display().to_string(), found))
}

/// A gate for one principal, by the values of its context; as it is where none are given.
pub fn gate_of(path: &Path, context: &[(String, String)]) -> Result<Gate, Failure> {
    let gate = gate(path)?;
    if context.is_empty() {
        return Ok(gate);
    }
    let values = params::context(context)?;
    gate.with_context(values.as_bytes()).map_err(|found| {
        let code = codes::query::CONTEXT;
        let message = found.into_iter().next().map_or_else(String::new, |one| one.message);
        let help = "`--context` gives each name of the gate's `queries.context` one value, and no other";
        Failure::new(code.name(), message, help)
    })
}

/// A ledger, made if it is not there.
pub fn kept(place: &str) -> Result<Kept, Failure> {
    named(place)?;
    Ok(open(place)?)
}

/// Can the text name a ledger?
fn named(place: &str) -> Result<(), Failure> {
    let code = codes::gate::LEDGER_UNAVAILABLE.name();
    if remote(place) {
        return Ok(());
    }
    if place.trim().is_empty() {
        return Err(Failure::new(code, "the ledger has no name", "name a file, or a server as postgresql://…"));
    }
    if place.contains("://") {
        let message = format!("the ledger cannot be used: there is none at `{}`", shown(place));
        return Err(Failure::new(code, message, "name a file, or a server as postgresql://…"));
    }
    Ok(())
}

/// A ledger that is there already: working with one must not make it.
pub fn known(place: &str) -> Result<Kept, Failure> {
    found(place)?;
    Ok(open_known(place)?)
}

/// A ledger that is there already, to look at; it may be read-only.
pub fn looked_at(place: &str) -> Result<Kept, Failure> {
    found(place)?;
    Ok(open_to_look(place)?)
}

fn found(place: &str) -> Result<(), Failure> {
    named(place)?;
    if remote(place) || Path::new(place).is_file() {
        return Ok(());
    }
    let message = format!("there is no ledger `{place}`");
    let help = "check the path; `guard-nb decide --ledger FILE` makes one";
    Err(Failure::new(codes::gate::LEDGER_UNAVAILABLE.name(), message, help))
}

/// A ledger to work with.
pub fn ledger((store, key): Kept) -> Ledger {
    Ledger::new(store, key)
}

/// A ledger's place as it may be shown: a URL can hold a password.
pub fn shown(place: &str) -> String {
    place.split_once("://").map_or_else(|| place.to_owned(), |(scheme, _)| format!("{scheme}://…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("postgresql://ada:secret@db/x"), "postgresql://…");
        assert_eq!(shown("folder/ledger.db"), "folder/ledger.db");
    }

    #[test]
    fn gates_are_told_by_name_or_kind() {
        assert!(is_gate(Path::new("a/b.gate.yaml"), ""));
        assert!(is_gate(Path::new("-"), "apiVersion: guard-nb/v1\nkind: Gate\n"));
        assert!(is_gate(Path::new("x.yaml"), "kind: gate\napiVersion: 'guard-nb/v1'  # the gate's\n"));
        assert!(is_gate(Path::new("x.json"), "{\"kind\":\"gate\", \"apiVersion\" : \"guard-nb/v1\"}"));
        assert!(!is_gate(
            Path::new("x.yaml"),
            "apiVersion: v3.1.0\nkind: DataContract\nx:\n  apiVersion: guard-nb/v1\n"
        ));
        assert!(!is_gate(Path::new("orders.odcs.yaml"), "kind: DataContract\nname: kind: Gate\n"));
    }
}
