//! `decide`, `ledger`, `audit` of the binary alone.

use crate::support::{Folder, Said};
use std::io::Write;
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
