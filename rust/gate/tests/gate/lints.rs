//! Warnings of gate files: where something can be proved, and nowhere else.

use crate::support::*;
use guard_gate::Gate;
use guard_verdict::Level;

const TWO: &str = r#"
apiVersion: guard-nb/v1
kind: Gate
id: shop
params: {payees: [acme, globex], most: 500}
tools:
  - name: pay
    inputSchema:
      type: object
      required: [payee, amount, currency]
      additionalProperties: false
      properties:
        payee: {type: string}
        amount: {type: number, minimum: 1, maximum: 900}
        currency: {type: string, enum: [EUR, CHF]}
        invoice: {type: string}
        count: {type: integer, exclusiveMinimum: 0}
    money: {amount: /amount, currency: /currency}
    allow: "amount <= :most AND payee IN (:payees)"
    escalate: "amount > 200"
    key: [/payee, /amount]
  - name: look
    inputSchema: {type: object, properties: {}}
    allow: "proposal.principal <> 'nobody'"
limits:
  - {name: day, type: budget, max: "1000.00", currency: EUR, window: day, by: [/payee], tools: [pay]}
  - {name: first, type: order, first: look, then: pay, within: 1h}
"#;

/// Level, code and the text that follows the place of each finding.
fn found(text: &str) -> Vec<(Level, String, String)> {
    let gate = Gate::load(text, &|_| None).unwrap_or_else(|found| panic!("{found:#?}\n{text}"));
    let start = |from: usize| text[from..].chars().take(16).collect::<String>();
    gate.diagnostics.iter().map(|one| (one.level, one.code.name().to_owned(), start(one.span.start))).collect()
}

/// With this change the file has this one finding, at this text; without it none.
fn warns(from: &str, to: &str, code: &str, at: &str) {
    assert!(TWO.contains(from), "{from}");
    let findings = found(&TWO.replace(from, to));
    assert_eq!(findings.len(), 1, "{to}: {findings:?}");
    let (level, name, text) = &findings[0];
    assert_eq!((*level, name.as_str()), (Level::Warning, code), "{to}");
    assert!(text.starts_with(at), "{to}: {text}");
}

fn silent(from: &str, to: &str) {
    assert!(TWO.contains(from), "{from}");
    assert_eq!(found(&TWO.replace(from, to)), [], "{to}");
}

const ALLOW: &str = "amount <= :most AND payee IN (:payees)";
const DAY: &str = "max: \"1000.00\", currency: EUR, window: day, by: [/payee], tools: [pay]}";

#[test]
fn sound_files_have_no_warnings() {
    assert_eq!(found(TWO), []);
    assert_eq!(found(GATE), []);
}

#[test]
fn rules_that_are_never_true() {
    let never = |rule: &str| {
        let text = TWO.replace(ALLOW, rule);
        let codes: Vec<String> = found(&text).into_iter().map(|(_, code, _)| code).collect();
        assert!(codes.contains(&"gate-allow-never".to_owned()), "{rule}: {codes:?}");
    };
    never("amount <= 0.99");
    never("amount < 1 OR amount > 900.00");
    never("currency = 'USD'");
    never("currency NOT IN ('EUR', 'CHF')");
    never("NOT (amount >= 0)");
    never("amount BETWEEN 5 AND 4");
    never("amount > 5 AND amount <= 5.0");
    never("count BETWEEN 0.1 AND 0.9 AND count > 0");
    never("amount IS NULL");
    never("payee = 'a' AND payee = 'b'");
    never("payee IS NULL AND payee = 'a'");
    never("amount > NULL");
    never("payee NOT IN ('a', NULL)");
    never("1 > 2");
    never("amount <= :most AND FALSE");
    never("amount < 0 AND length(payee) > 3");
}

#[test]
fn rules_of_which_nothing_is_proved() {
    for rule in [
        "amount < 1.01 AND payee = 'acme'",
        "amount * 2 < 1",
        "length(payee) < 0 OR payee = 'acme'",
        "upper(currency) = 'USD'",
        "count = 1",
        "count > 0 AND count < 2",
        "invoice IS NULL",
        "coalesce(amount < 0, TRUE) OR currency <> 'EUR'",
        "NOT (payee = 'acme' OR currency = 'EUR')",
        "payee IN ('a') OR payee NOT IN ('a')",
    ] {
        let codes: Vec<String> = found(&TWO.replace(ALLOW, rule)).into_iter().map(|(_, code, _)| code).collect();
        assert!(!codes.contains(&"gate-allow-never".to_owned()), "{rule}");
    }
}

#[test]
fn a_closed_tool_is_no_fault() {
    let findings = found(&TWO.replace("proposal.principal <> 'nobody'", "FALSE").replace("first: look", "first: pay"));
    assert_eq!(findings.iter().filter(|one| one.1 == "gate-allow-never").count(), 1);
    assert!(findings.iter().any(|one| one.0 == Level::Info && one.1 == "gate-allow-never"));
}

#[test]
fn escalation_has_an_effect() {
    warns("\"amount > 200\"", "\"amount > 500\"", "gate-escalate-never", "\"amount > 500");
    warns("\"amount > 200\"", "\"currency = 'USD'\"", "gate-escalate-never", "\"currency");
    warns("\"amount > 200\"", "\"amount > 0.5\"", "gate-escalate-always", "\"amount > 0.5");
    warns("\"amount > 200\"", "\"payee IN ('acme', 'globex', 'x')\"", "gate-escalate-always", "\"payee");
    silent("\"amount > 200\"", "\"amount > 499.99\"");
    silent("\"amount > 200\"", "\"invoice <> 'x'\"");
    silent("\"amount > 200\"", "\"TRUE\"");
    silent("\"amount > 200\"", "\"payee = 'acme'\"");
}

#[test]
fn limits_are_reached() {
    warns("currency: EUR, window", "currency: USD, window", "gate-limit-unreached", "{name: day");
    silent("currency: EUR, window", "currency: CHF, window");
    warns("max: \"1000.00\"", "max: \"0.99\"", "gate-limit-small", "\"0.99\"");
    warns("max: \"1000.00\"", "max: \"0\"", "gate-limit-small", "\"0\"");
    silent("max: \"1000.00\"", "max: \"1.00\"");
    let text = TWO.replace("proposal.principal <> 'nobody'", "FALSE");
    let calls =
        text.replace("limits:\n", "limits:\n  - {name: looks, type: velocity, max: 3, window: day, tools: [look]}\n");
    assert!(found(&calls).iter().any(|one| one.1 == "gate-limit-unreached"));
}

#[test]
fn limits_bind() {
    let day = |more: &str| format!("{DAY}\n  - {more}");
    let budget = |name: &str, max: &str, window: &str, by: &str| {
        day(&format!(
            "{{name: {name}, type: budget, max: \"{max}\", currency: EUR, window: {window}, by: {by}, tools: [pay]}}"
        ))
    };
    warns(DAY, &budget("more", "2000.00", "day", "[/payee]"), "gate-limit-idle", "{name: more");
    warns(DAY, &budget("same", "1000.00", "day", "[/payee]"), "gate-limit-idle", "{name: same");
    warns(DAY, &budget("less", "900.00", "day", "[/payee]"), "gate-limit-idle", "{name: day");
    warns(DAY, &budget("month", "900.00", "month", "[/payee]"), "gate-limit-idle", "{name: day");
    warns(DAY, &budget("hour", "1000.00", "hour", "[/payee]"), "gate-limit-idle", "{name: hour");
    silent(DAY, &budget("month", "1000.01", "month", "[/payee]"));
    silent(DAY, &budget("other", "2000.00", "day", "[principal]"));
    silent(DAY, &budget("slide", "2000.00", "24h", "[/payee]"));
    let rates = "{name: a, type: rate, max: 3, per: 60s}\n  - {name: b, type: rate, max: 5, per: 60s}";
    warns(DAY, &day(rates), "gate-limit-idle", "{name: b");
    silent(DAY, &day(&rates.replace("max: 5, per: 60s", "max: 5, per: 10s")));
}

#[test]
fn orders_can_be_met() {
    let text = TWO.replace("proposal.principal <> 'nobody'", "proposal.principal = 'a' AND proposal.principal = 'b'");
    let codes: Vec<String> = found(&text).into_iter().map(|one| one.1).collect();
    assert_eq!(codes, ["gate-allow-never", "gate-order-impossible"]);
    let order = "{name: first, type: order, first: look, then: pay, within: 1h}";
    let back = format!("{order}\n  - {{name: back, type: order, first: pay, then: look, within: 1h}}");
    let codes: Vec<String> = found(&TWO.replace(order, &back)).into_iter().map(|one| one.1).collect();
    assert_eq!(codes, ["gate-order-impossible", "gate-order-impossible"]);
    warns("first: look, then", "first: pay, then", "gate-order-impossible", "pay, then");
}

#[test]
fn pointers_that_a_call_may_leave_out() {
    warns("key: [/payee, /amount]", "key: [/payee, /invoice]", "gate-pointer-absent", "/invoice]");
    silent("key: [/payee, /amount]", "key: [/payee, task]");
    let demanded = TWO.replace("key: [/payee, /amount]", "key: [/invoice]").replace(ALLOW, "invoice <> ''");
    assert_eq!(found(&demanded), []);
    warns("by: [/payee], tools", "by: [/invoice], tools", "gate-pointer-absent", "/invoice]");
    // Whether another keyword demands it is not looked into.
    let other = "required: [payee, amount, currency]\n      allOf: [{required: [invoice]}]";
    let text = TWO.replace("required: [payee, amount, currency]", other).replace("/amount]\n", "/invoice]\n");
    assert_eq!(found(&text), []);
}

#[test]
fn arguments_without_one_type() {
    let findings = found(&TWO.replace("invoice: {type: string}", "invoice: {type: [string, integer]}"));
    assert_eq!(findings, [(Level::Info, "gate-argument-untyped".to_owned(), "{type: [string, ".to_owned())]);
}

#[test]
fn unknown_functions_have_a_suggestion() {
    let found = Gate::load(&TWO.replace("amount > 200", "legnth(payee) > 3"), &|_| None).unwrap_err();
    assert_eq!(found[0].code.name(), "function-unknown");
    assert!(found[0].help.as_deref().unwrap_or_default().contains("length"), "{found:?}");
}
