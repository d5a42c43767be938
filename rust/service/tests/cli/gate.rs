//! `decide`, `ledger`, `audit` of the binary alone.

use crate::support::{Folder, Said};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

const GATE: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: refunds
tools:
  - name: refund
    inputSchema: {type: object, required: [amount], properties: {amount: {type: number}}}
    money: {amount: /amount, currency: EUR}
    allow: "amount <= 50.00"
    escalate: "amount > 20.00"
"#;

fn refund(id: &str, amount: &str) -> String {
    format!(r#"{{"kind":"action","id":"{id}","principal":"bot","tool":"refund","arguments":{{"amount":{amount}}}}}"#)
}

/// A call with something on standard input.
fn call(folder: &Folder, args: &[&str], given: &str) -> Said {
    let mut command = folder.command(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A call that fails early reads nothing.
    let _ = child.stdin.take().unwrap().write_all(given.as_bytes());
    let output = child.wait_with_output().unwrap();
    Said {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn decisions_permits_and_the_log() {
    let folder = Folder::new();
    folder.write("refunds.gate.yaml", GATE);
    let decide = ["decide", "refunds.gate.yaml", "--ledger", "l.db"];
    for (amount, status, words) in [("7.35", 0, "✓ allow"), ("50.01", 1, "rule-false"), ("21", 3, "approval-required")]
    {
        let said = call(&folder, &decide, &refund(amount, amount));
        assert_eq!((said.status, said.err.as_str()), (status, ""), "{amount}");
        assert!(said.out.contains(words), "{}", said.out);
    }
    let said = call(&folder, &[&decide[..], &["--permit", "--format", "json"]].concat(), &refund("7.35", "7.35"));
    let beside: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let permit = beside["permit"].as_str().unwrap();
    let redeemed = call(&folder, &["ledger", "redeem", "l.db"], permit);
    assert_eq!(redeemed.out, "{\"arguments\":{\"amount\":7.35},\"id\":\"7.35\",\"tool\":\"refund\"}\n");
    assert_eq!(call(&folder, &["ledger", "redeem", "l.db"], permit).status, 1);
    assert_eq!(call(&folder, &["ledger", "commit", "l.db"], permit).out, "committed\n");
    let verified = folder.call(&["audit", "verify", "l.db"]);
    assert!(verified.status == 0 && verified.out.starts_with("✓ 5 entries"), "{}", verified.out);
    assert_eq!(folder.call(&["audit", "show", "l.db", "--format", "ndjson"]).out.lines().count(), 5);
}

#[test]
fn no_ledger_is_made_by_looking() {
    let folder = Folder::new();
    for args in [["audit", "verify", "l.db"], ["audit", "checkpoint", "l.db"], ["ledger", "holds", "l.db"]] {
        let said = folder.call(&args);
        assert_eq!((said.status, said.out.as_str()), (2, ""));
        assert!(said.err.contains("there is no ledger `l.db`"), "{}", said.err);
    }
    assert!(folder.names().is_empty());
}

#[test]
fn what_is_wrong_is_said_in_words_of_gates() {
    let folder = Folder::new();
    folder.write("refunds.gate.yaml", GATE);
    folder.write("empty.gate.yaml", "# nothing\n");
    folder.write("list.gate.yaml", "- a\n");
    folder.write("one.json", &refund("1", "1"));
    folder.write("two.json", &format!("{}\n{}\n", refund("1", "1"), refund("2", "1")));
    folder.write("large.json", &refund("1", "1").replace("\"action\"", "\"Action\""));
    let file = "of a file check its folder";
    for (args, status, message, next) in [
        (["nowhere.gate.yaml", "one.json"], 2, "error[file-missing]: the gate `nowhere.gate.yaml`", "check the path"),
        (
            ["empty.gate.yaml", "one.json"],
            2,
            "yaml-empty",
            "help: start with `apiVersion: guard-nb/v1` and `kind: Gate`",
        ),
        (["list.gate.yaml", "one.json"], 2, "root-not-mapping", "and `kind: Gate`"),
        (["refunds.gate.yaml", "none.json"], 2, "error[file-missing]: the proposal `none.json`", "check the path"),
        (
            ["refunds.gate.yaml", "two.json"],
            1,
            "the text goes on after the proposal, at byte 86",
            "a file named .ndjson",
        ),
        (
            ["refunds.gate.yaml", "large.json"],
            1,
            "no proposals of kind `Action`",
            "this gate judges `action`, written so",
        ),
    ] {
        let said = folder.call(&[&["decide"][..], &args].concat());
        let text = format!("{}{}", said.out, said.err);
        assert_eq!(said.status, status, "{args:?}: {text}");
        assert!(text.contains(message) && text.contains(next), "{args:?}: {text}");
        assert!(!text.contains("ontract") && !text.contains(file), "{args:?}: {text}");
    }
    // Nobody listens on this port.
    let remote = ["decide", "refunds.gate.yaml", "one.json", "--ledger", "postgresql://u@127.0.0.1:1/x"];
    let said = folder.call(&remote);
    assert!(said.status == 2 && said.err.contains("its server cannot be reached"), "{}", said.err);
    assert!(said.err.contains("of a server that it runs and lets its role in"), "{}", said.err);
    let lint = folder.call(&["lint", "nowhere.gate.yaml"]);
    assert!(lint.status == 2 && lint.err.contains("error[file-missing]: the gate `nowhere.gate.yaml`"), "{}", lint.err);
}

#[test]
fn what_is_no_checkpoint_is_wrong_usage() {
    let folder = Folder::new();
    folder.write("refunds.gate.yaml", GATE);
    folder.write("x.checkpoint", "guard-nb/checkpoint/v1\n");
    assert_eq!(call(&folder, &["decide", "refunds.gate.yaml", "--ledger", "l.db"], &refund("1", "1")).status, 0);
    let verify = |file: &str| folder.call(&["audit", "verify", "l.db", "--checkpoint", file]);
    for (file, message) in [("x.checkpoint", "`x.checkpoint` is no checkpoint"), ("none", "the checkpoint `none`")] {
        let said = verify(file);
        assert!(said.status == 2 && said.out.is_empty() && said.err.contains(message), "{}{}", said.out, said.err);
        assert!(!said.err.contains("ontract"), "{}", said.err);
    }
    // One of another ledger is one, and does not agree.
    let mut text = folder.call(&["audit", "checkpoint", "l.db"]).out;
    folder.write("own.checkpoint", &text);
    assert_eq!(verify("own.checkpoint").status, 0);
    text = text.replace("\n1\n", "\n2\n");
    folder.write("other.checkpoint", &text);
    assert_eq!(verify("other.checkpoint").status, 1);
}

/// The decision that was handed out tells that the call reads on; it does not wait for the input's end, nor for anything else.
#[cfg(unix)]
#[test]
fn ctrl_c_ends_who_waits_for_proposals() {
    let folder = Folder::new();
    folder.write("refunds.gate.yaml", GATE);
    let mut command = folder.command(&["decide", "refunds.gate.yaml", "-", "--ledger", "l.db"]);
    let mut call = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = call.stdin.take().unwrap();
    writeln!(stdin, "{}", refund("1", "1")).unwrap();
    let mut line = String::new();
    BufReader::new(call.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("✓ allow"), "{line}");
    let pid = call.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let mut said = String::new();
    call.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(
        (call.wait().unwrap().code(), said.as_str()),
        (Some(130), "interrupted: the decisions that were handed out stand\n")
    );
    drop(stdin);
}

#[test]
fn what_no_limit_counts_is_forgotten_and_the_log_stays() {
    let folder = Folder::new();
    let limit = "limits:\n  - {name: all, type: velocity, max: 9, window: total, by: [principal]}\n";
    folder.write("refunds.gate.yaml", GATE);
    folder.write("counted.gate.yaml", &format!("{GATE}{limit}"));
    for (gate, id) in [("refunds.gate.yaml", "a"), ("refunds.gate.yaml", "b"), ("counted.gate.yaml", "c")] {
        assert_eq!(call(&folder, &["decide", gate, "--ledger", "l.db"], &refund(id, "1")).status, 0);
        if id != "b" {
            assert_eq!(folder.call(&["ledger", "commit", "l.db", "--id", id]).out, "committed\n");
        }
    }
    let forget = |gate: &str, before: &str| folder.call(&["ledger", "forget", "l.db", gate, "--before", before]);
    // The second one is held still, and the third one counts under the other gate's limit.
    assert_eq!(forget("refunds.gate.yaml", "2000-01-01T00:00:00Z").out, "0 calls were removed\n");
    assert_eq!(forget("refunds.gate.yaml", "9000-01-01T00:00:00Z").out, "1 call was removed\n");
    assert_eq!(forget("counted.gate.yaml", "9000-01-01T00:00:00Z").out, "0 calls were removed\n");
    assert!(folder.call(&["audit", "verify", "l.db"]).out.starts_with("✓ 6 entries"));
    assert!(folder.call(&["ledger", "commit", "l.db", "--id", "a"]).err.contains("permit-settled"));
    for (gate, before, message) in [
        ("refunds.gate.yaml", "yesterday", "`yesterday` is no instant"),
        ("nowhere.gate.yaml", "2000-01-01T00:00:00Z", "the gate `nowhere.gate.yaml`"),
    ] {
        let said = forget(gate, before);
        assert!(said.status == 2 && said.err.contains(message), "{}", said.err);
    }
}
