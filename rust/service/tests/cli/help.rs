//! Help, versions, usage errors.

use crate::support::Folder;

const COMMANDS: [&str; 12] = [
    "check",
    "lint",
    "infer",
    "diff",
    "transform",
    "decide",
    "approve",
    "ledger",
    "audit",
    "run",
    "codes",
    "completions",
];

#[test]
fn help_lists_every_command_and_every_status() {
    let said = Folder::new().call(&["--help"]);
    assert_eq!((said.status, said.err.as_str()), (0, ""));
    for command in COMMANDS {
        assert!(said.out.contains(&format!("\n  {command} ")), "{command}");
    }
    for line in ["0  accept", "1  reject", "2  wrong usage", "3  unknown", "130  stopped"] {
        assert!(said.out.contains(line), "{line}");
    }
}

#[test]
fn every_command_has_help_with_examples() {
    for command in COMMANDS {
        let long = Folder::new().call(&[command, "--help"]);
        assert_eq!((long.status, long.err.as_str()), (0, ""), "{command}");
        assert!(long.out.contains("Examples:") && long.out.contains(&format!("guard-nb {command} ")), "{command}");
        assert!(long.out.lines().filter(|line| !line.is_empty()).count() > 8, "{command}");
        let short = Folder::new().call(&[command, "-h"]);
        assert_eq!(short.status, 0, "{command}");
        assert!(!long.out.contains('\u{1b}') && !short.out.contains('\u{1b}'), "{command}");
    }
}

#[test]
fn flags_stand_under_their_headings() {
    let help = Folder::new().call(&["check", "-h"]).out;
    let at = |text: &str| help.find(text).unwrap_or_else(|| panic!("{text}: {help}"));
    let (options, csv, judging) = (at("\nOptions:\n"), at("\nCSV:\n"), at("\nJudging:\n"));
    for flag in ["--format <", "--accepted <", "--quarantine <", "--quiet", "--threads <", "--input-format <"] {
        assert!((options..csv).contains(&at(flag)), "{flag}");
    }
    assert!((csv..judging).contains(&at("--delimiter <")) && at("--as-of <") > judging);
}

#[test]
fn the_version_names_the_semantics() {
    let said = Folder::new().call(&["--version"]);
    let expected = format!("guard-nb {} (semantics {})\n", env!("CARGO_PKG_VERSION"), guard_verdict::SEMANTICS);
    assert_eq!((said.status, said.out), (0, expected));
}

#[test]
fn wrong_usage_says_what_to_do_and_prints_nothing() {
    let folder = Folder::with_orders(&[1]);
    let check = ["check", "orders.odcs.yaml", "orders.arrow"];
    let with = |more: &[&'static str]| -> Vec<&'static str> { check.iter().chain(more).copied().collect() };
    for (args, message, next) in [
        (vec!["chekc"], "unrecognized subcommand 'chekc'", "--help"),
        (vec!["check"], "<CONTRACT>", "--help"),
        (with(&["--format", "xml"]), "invalid value 'xml'", "text"),
        (with(&["--input-format", "xls"]), "invalid value 'xls'", "ndjson"),
        (with(&["--delimiter", ";;"]), "give one ASCII character", "--help"),
        (with(&["--param", "limit"]), "write NAME=VALUE", "--help"),
        (with(&["--threads", "0"]), "invalid value '0'", "--help"),
        (with(&["--object", "ordres"]), "no schema object `ordres`", "name one: `--object NAME`"),
        (with(&["--as-of", "yesterday"]), "error[as-of-unreadable]: `yesterday` is no instant", "2026-01-31T00:00:00Z"),
        (with(&["--param", "lmit=1"]), "error[params-unused]: no row rule uses the parameter `lmit`", "lmit"),
        (with(&["--param", "a=1", "--param", "a=2"]), "the parameter `a` is given twice", "leave one out"),
        (with(&["--reference", "plans=p.csv"]), "no schema object `plans`", "orders"),
        (with(&["--accepted", "good.xls"]), "error[file-format-unknown]", ".parquet"),
        (with(&["--accepted", "orders.arrow"]), "`orders.arrow` is read, or written to, already", "a name of its own"),
        (with(&["--accepted", "a.ndjson", "--quarantine", "a.ndjson"]), "already", "a name of its own"),
        (with(&["--accepted", "a.ndjson", "--quarantine", "./a.ndjson"]), "already", "a name of its own"),
        (with(&["--accepted", "./orders.odcs.yaml.csv", "--quarantine", "orders.odcs.yaml"]), "already", "own"),
        (with(&["--quarantine", "-"]), "cannot go to standard output", "`--quarantine FILE`"),
        (with(&["--accepted", "nowhere/a.ndjson"]), "error[file-unwritable]", "create the folder first"),
        (vec!["check", "nowhere.yaml", "orders.arrow"], "error[contract-unreadable]: `nowhere.yaml`", "check the path"),
        (vec!["check", "orders.odcs.yaml", "nowhere.arrow"], "error[file-missing]", "nowhere.arrow"),
        (
            vec!["check", "orders.odcs.yaml", "nowhere-*.arrow"],
            "error[glob-no-match]: no file matches",
            "check the spelling",
        ),
        (vec!["check", "-", "-"], "standard input is named more than once", "name files"),
        (vec!["codes", "value-duplicat"], "there is no code `value-duplicat`", "did you mean `value-duplicate`?"),
        (vec!["run", "a.ipynb"], "notebooks are run by Python", "pip install"),
        (vec!["completions", "tcsh"], "invalid value 'tcsh'", "bash"),
    ] {
        let before = folder.names();
        let said = folder.call(&args);
        assert_eq!((said.status, said.out.as_str()), (2, ""), "{args:?}: {}", said.err);
        assert!(said.err.contains(message), "{args:?}: {}", said.err);
        assert!(said.err.contains(next), "{args:?}: {}", said.err);
        assert_eq!(folder.names(), before, "{args:?}");
    }
}

#[test]
fn nothing_at_all_shows_help_as_a_mistake() {
    let said = Folder::new().call(&[]);
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert!(said.err.contains("Usage: guard-nb"));
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = Folder::new().call(&["completions", shell]);
        assert_eq!((said.status, said.err.as_str()), (0, ""), "{shell}");
        assert!(COMMANDS.iter().all(|command| said.out.contains(command)), "{shell}");
    }
}

#[test]
fn codes_are_listed_and_explained() {
    let all = Folder::new().call(&["codes"]);
    assert!(all.status == 0 && guard_verdict::codes::all().all(|code| all.out.contains(code.name())));
    let one = Folder::new().call(&["codes", "value-duplicate"]);
    let code = guard_verdict::codes::data::VALUE_DUPLICATE.0;
    assert!(one.status == 0 && [code.summary, code.help, code.example].iter().all(|text| one.out.contains(text)));
    let json = Folder::new().call(&["codes", "--json"]);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
    assert_eq!(rows.len(), guard_verdict::codes::all().count());
    assert!(
        rows.iter().all(|row| ["name", "area", "summary", "help", "example"].iter().all(|key| row[key].is_string()))
    );
}
