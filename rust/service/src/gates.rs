//! The seam to guard-gate: gates from files, and ledgers by the text that names them.

use crate::failure::Failure;
use crate::load;
use guard_gate::Gate;
use guard_gate::export::{open, remote};
use guard_gate::ledger::{Ledger, Store};
use guard_gate::permit::Key;
use guard_verdict::codes;
use std::path::{Path, PathBuf};

/// Where a ledger is kept, and the key of its permits.
pub type Kept = (Box<dyn Store>, Key);

/// Is the file a gate? By its name, or by its `kind`.
pub fn is_gate(path: &Path, text: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    [".gate.yaml", ".gate.yml", ".gate.json"].iter().any(|end| name.ends_with(end))
        || text.lines().any(|line| line.trim_end() == "kind: Gate")
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

/// A ledger, made if it is not there.
pub fn kept(place: &str) -> Result<Kept, Failure> {
    if place.contains("://") && !remote(place) {
        let message = format!("the ledger cannot be used: there is none at `{}`", shown(place));
        return Err(Failure::new(
            codes::gate::LEDGER_UNAVAILABLE.name(),
            message,
            "name a file, or a server as postgresql://…",
        ));
    }
    Ok(open(place)?)
}

/// A ledger that is there already: looking at one must not make it.
pub fn known(place: &str) -> Result<Kept, Failure> {
    if !place.contains("://") && !Path::new(place).is_file() {
        let message = format!("there is no ledger `{place}`");
        return Err(Failure::new(
            codes::gate::LEDGER_UNAVAILABLE.name(),
            message,
            "check the path; `guard-nb decide --ledger FILE` makes one",
        ));
    }
    kept(place)
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
        assert!(!is_gate(Path::new("orders.odcs.yaml"), "kind: DataContract\nname: kind: Gate\n"));
    }
}
