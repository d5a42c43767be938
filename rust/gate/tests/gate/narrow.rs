//! Narrower gates: proofs, counterexamples, and what is neither.

use crate::support::*;
use guard_gate::decide::{Usage, decide, examine};
use guard_gate::narrow::{Answer, compare, narrow};
use guard_gate::{Gate, Verdict};
use proptest::prelude::*;

const ALLOW: &str = "amount <= 500.00 AND payee IN (:known_payees) AND coalesce(amount / parts < 400, TRUE)";

fn changed(from: &str, to: &str) -> Gate {
    assert!(GATE.contains(from), "{from}");
    load(&GATE.replace(from, to))
}

fn proved(from: &str, to: &str) {
    assert_eq!(compare(&changed(from, to), &gate()), Answer::Proved, "{to}");
}

fn refuted(from: &str, to: &str) -> guard_gate::narrow::Counterexample {
    let (narrow, wide) = (changed(from, to), gate());
    match compare(&narrow, &wide) {
        Answer::Refuted(found) => {
            if found.limit.is_none() {
                // The counterexample is one.
                assert_eq!(fresh(&narrow, &found.proposal), found.narrow);
                assert_eq!(fresh(&wide, &found.proposal), found.wide);
            }
            *found
        }
        other => panic!("{to}: {other:?}"),
    }
}

fn unknown(from: &str, to: &str) {
    let found = compare(&changed(from, to), &gate());
    assert!(matches!(found, Answer::Unknown(ref doubts) if !doubts.is_empty()), "{to}: {found:?}");
}

/// The verdict where nothing was spent.
fn fresh(gate: &Gate, proposal: &str) -> Verdict {
    let examined = examine(gate, proposal.as_bytes());
    let usages = vec![Usage { preceded: true, ..Usage::default() }; examined.charges.len()];
    decide(gate, &examined, &usages, NOON, None).verdict
}

#[test]
fn a_gate_is_narrower_than_itself() {
    assert_eq!(compare(&gate(), &gate()), Answer::Proved);
}

#[test]
fn narrower_rules_are_proved() {
    proved("amount <= 500.00", "amount <= 499.99");
    proved("amount <= 500.00", "amount < 500");
    proved("amount <= 500.00", "amount BETWEEN 1 AND 2");
    proved("amount <= 500.00", "amount IN (1, 500)");
    proved("{known_payees: [acme, globex]}", "{known_payees: [globex]}");
    proved("payee IN (:known_payees)", "payee = 'acme'");
    proved("payee IN (:known_payees)", "(payee = 'acme' OR payee = 'globex' AND amount < 3)");
    proved(ALLOW, &format!("({ALLOW}) AND (invoice IS NOT NULL)"));
    proved(ALLOW, "FALSE");
    proved("\"amount > 200.00\"", "\"amount > 100.00\"");
    proved("\"amount > 200.00\"", "\"amount > 200.00 OR payee = 'acme'\"");
    proved("    escalate: \"amount > 200.00\"\n", "    escalate: \"TRUE\"\n");
}

#[test]
fn wider_rules_have_counterexamples() {
    let found = refuted("amount <= 500.00", "amount <= 500.01");
    assert_eq!((found.narrow, found.wide), (Verdict::Escalate, Verdict::Deny));
    assert!(found.proposal.contains("\"amount\":500.01"), "{}", found.proposal);
    let found = refuted("{known_payees: [acme, globex]}", "{known_payees: [acme, globex, initech]}");
    assert!(found.proposal.contains("initech"), "{}", found.proposal);
    let found = refuted("\"amount > 200.00\"", "\"amount > 200.01\"");
    assert_eq!((found.narrow, found.wide), (Verdict::Allow, Verdict::Escalate));
    refuted("    escalate: \"amount > 200.00\"\n", "");
    refuted("payee IN (:known_payees)", "payee IS NOT NULL");
    refuted("    allow:", "    description: x\n    allow: \"TRUE\" #");
    let found =
        refuted("name: send_money", "name: other\n    inputSchema: {}\n    allow: \"TRUE\"\n  - name: send_money");
    assert!(found.proposal.contains("other"), "{}", found.proposal);
}

#[test]
fn an_escalation_that_may_be_undecided_is_not_replaced() {
    // Where `parts` is missing the wide gate denies; the narrow one would escalate.
    let wide = changed("\"amount > 200.00\"", "\"parts > 2\"");
    let narrow = changed("\"amount > 200.00\"", "\"parts > 2 OR payee = 'acme'\"");
    let Answer::Refuted(found) = compare(&narrow, &wide) else { panic!() };
    assert_eq!((found.narrow, found.wide), (Verdict::Escalate, Verdict::Deny));
    let demanded = changed(ALLOW, &format!("{ALLOW} AND parts IS NOT NULL"));
    let wide = changed("\"amount > 200.00\"", "\"parts > 2\"");
    let text = GATE.replace(ALLOW, &demanded.tools[0].allow.text).replace("\"amount > 200.00\"", "\"parts > 1\"");
    assert_eq!(compare(&load(&text), &wide), Answer::Proved);
}

#[test]
fn limits_are_kept_or_lowered() {
    proved("\"1000.00\"", "\"999.99\"");
    proved("window: day, zone: Europe/Berlin", "window: month, zone: Europe/Berlin");
    proved("limits:\n", "limits:\n  - {name: more, type: velocity, max: 3, window: day}\n");
    let found = refuted("\"1000.00\"", "\"1000.01\"");
    assert_eq!(found.limit.as_deref(), Some("day"));
    assert_eq!((found.narrow, found.wide), (Verdict::Allow, Verdict::Deny));
    assert!(found.reasons[0].starts_with("budget-exceeded"), "{:?}", found.reasons);
    refuted("name: day", "name: another");
    refuted("id: payments", "id: others");
    refuted("currency: EUR, window", "currency: USD, window");
    refuted("by: [/payee]", "by: [/invoice]");
    // What was spent in the part of the day that the narrow gate counts no more.
    for window in ["day, zone: UTC", "hour, zone: Europe/Berlin", "15m"] {
        let found = refuted("window: day, zone: Europe/Berlin", &format!("window: {window}"));
        assert_eq!(found.limit.as_deref(), Some("day"), "{window}");
    }
    unknown("window: day, zone: Europe/Berlin", "window: day, zone: Asia/Tokyo");
    let usd =
        "limits:\n  - {name: usd, type: budget, max: \"5.00\", currency: USD, window: day, tools: [send_money]}\n";
    let found = refuted("limits:\n", usd);
    assert!(found.proposal.contains("USD") && found.reasons[0].starts_with("budget-currency"));
}

#[test]
fn once_rate_and_order_are_kept() {
    let with = |more: &str| load(&GATE.replace("limits:\n", &format!("limits:\n  - {more}\n")));
    let cases = [
        "{name: x, type: once, by: [/payee]}",
        "{name: x, type: rate, max: 3, per: 60s}",
        "{name: x, type: velocity, max: 3, window: 24h}",
    ];
    for limit in cases {
        assert_eq!(compare(&with(limit), &gate()), Answer::Proved);
        let Answer::Refuted(found) = compare(&gate(), &with(limit)) else { panic!("{limit}") };
        assert_eq!(found.limit.as_deref(), Some("x"), "{limit}");
    }
    assert_eq!(compare(&with("{name: x, type: rate, max: 2, per: 60s}"), &with(cases[1])), Answer::Proved);
    assert_eq!(compare(&with("{name: x, type: velocity, max: 3, window: 7d}"), &with(cases[2])), Answer::Proved);
    let found = compare(&with(cases[2]), &with("{name: x, type: velocity, max: 3, window: 7d}"));
    assert!(matches!(found, Answer::Refuted(found) if found.limit.as_deref() == Some("x")));
}

#[test]
fn orders_that_look_further_back_are_refuted() {
    let with = |within: &str| {
        let order =
            format!("limits:\n  - {{name: order, type: order, first: look, then: send_money, within: {within}}}\n");
        let look = "tools:\n  - {name: look, inputSchema: {type: object}, allow: \"TRUE\"}\n  - name: send_money";
        load(&GATE.replace("tools:\n  - name: send_money", look).replace("limits:\n", &order))
    };
    assert_eq!(compare(&with("59m"), &with("1h")), Answer::Proved);
    let Answer::Refuted(found) = compare(&with("61m"), &with("1h")) else { panic!() };
    assert_eq!((found.limit.as_deref(), found.narrow, found.wide), (Some("order"), Verdict::Allow, Verdict::Deny));
    assert!(found.reasons[0].starts_with("order-missing"), "{:?}", found.reasons);
    // Under another name what came first is remembered elsewhere.
    let renamed = with("1h").source.0.canonical().replace("\"name\":\"order\"", "\"name\":\"another\"");
    assert!(matches!(compare(&load(&renamed), &with("1h")), Answer::Refuted(_)));
}

#[test]
fn counterexamples_match_patterns() {
    let pattern = |text: &str| {
        changed("payee: {type: string, maxLength: 40}", &format!("payee: {{type: string, pattern: '{text}'}}"))
    };
    let any = |gate: &Gate| load(&gate.source.0.canonical().replace("payee IN (:known_payees)", "payee IS NOT NULL"));
    let (three, four) = (any(&pattern("^[A-Z]{3}$")), any(&pattern("^[A-Z]{3,4}$")));
    let Answer::Refuted(found) = compare(&four, &three) else { panic!() };
    assert!(found.proposal.contains("\"payee\":\"AAAA\"") && found.reasons[0].starts_with("argument-invalid"));
    // A pattern that is demanded of both does not hide another difference.
    let more = load(&three.source.0.canonical().replace("500.00", "501.00"));
    let Answer::Refuted(found) = compare(&more, &three) else { panic!() };
    assert!(found.proposal.contains("\"payee\":\"AAA\""), "{}", found.proposal);
    let rule = |text: &str| load(&GATE.replace("payee IN (:known_payees)", text));
    for (own, other) in [("payee LIKE 'ac%'", "payee LIKE 'acm%'"), ("payee LIKE '_cme'", "payee LIKE 'acme'")] {
        assert!(matches!(compare(&rule(own), &rule(other)), Answer::Refuted(_)), "{own}");
    }
}

#[test]
fn schemas_may_only_demand_more() {
    proved("maxLength: 40", "maxLength: 39");
    proved("required: [payee, amount, currency]", "required: [payee, amount, currency, invoice]");
    proved("        invoice: {type: string}\n", "");
    let found = refuted("exclusiveMinimum: 0", "minimum: 0");
    assert!(found.proposal.contains("\"amount\":0,"), "{}", found.proposal);
    // What `allow` never admits may be longer, but that is not looked into.
    unknown("maxLength: 40", "maxLength: 41");
    let short = changed("invoice: {type: string}", "invoice: {type: string, maxLength: 5}");
    let Answer::Refuted(found) = compare(&gate(), &short) else { panic!() };
    assert!(found.reasons[0].starts_with("argument-invalid"), "{:?}", found.reasons);
    unknown("required: [payee, amount, currency]", "required: [payee, amount]");
    let found =
        refuted("        parts: {type: integer}\n", "        parts: {type: integer}\n        more: {type: string}\n");
    assert!(found.proposal.contains("\"more\""), "{}", found.proposal);
    unknown("{type: string, maxLength: 40}", "{type: string, maxLength: 40, $ref: '#/properties/invoice'}");
}

#[test]
fn what_is_not_proved_is_not_narrower() {
    unknown("amount <= 500.00", "amount * 2 <= 1000.00");
    unknown("amount <= 500.00", "amount + 1 < 501");
    refuted("amount <= 500.00", "amount * 2 <= 1002.00");
}

fn task(text: &str) -> Result<Gate, Vec<String>> {
    let head = "apiVersion: guard-nb/v1\nkind: Narrowing\n";
    narrow(&gate(), &format!("{head}{text}"), &|_| None).map_err(|found| {
        found.iter().map(|one| format!("{} {}:{} {}", one.code, one.span.line, one.span.column, one.path)).collect()
    })
}

#[test]
fn tasks_narrow() {
    let gate = task(
        "params: {only: [acme]}\ntools:\n  - {name: send_money, allow: \"payee IN (:only) AND amount <= 50\", escalate: \"amount > 20\"}\nlimits:\n  - {name: day, max: \"100.00\"}\n  - {name: few, type: velocity, max: 3, window: total}\n",
    )
    .unwrap();
    assert_eq!(fresh(&gate, &pay("1", "20")), Verdict::Allow);
    assert_eq!(fresh(&gate, &pay("1", "20.01")), Verdict::Escalate);
    assert_eq!(fresh(&gate, &pay("1", "50.01")), Verdict::Deny);
    assert_eq!(fresh(&gate, &pay_to("1", "globex", "5", "EUR")), Verdict::Deny);
    let names: Vec<&str> = gate.limits.iter().map(|limit| limit.name.as_str()).collect();
    assert_eq!(names, ["day", "few"]);
    assert_eq!(compare(&gate, &crate::support::gate()), Answer::Proved);
    assert!(matches!(compare(&crate::support::gate(), &gate), Answer::Refuted(_)));
    // Narrowing can go on, and an escalation that is undecided stays so.
    let more = "apiVersion: guard-nb/v1\nkind: Narrowing\ntools: [{name: send_money, escalate: \"parts > 2\"}]";
    let again = narrow(&gate, more, &|_| None).unwrap();
    assert_eq!(fresh(&again, &pay("1", "20.01")), Verdict::Escalate);
    assert_eq!(fresh(&again, &pay("1", "20")), Verdict::Deny);
    assert_eq!(compare(&again, &crate::support::gate()), Answer::Proved);
}

#[test]
fn a_task_that_says_nothing_changes_nothing() {
    let gate = task("id: t\n").unwrap();
    assert_eq!((gate.id.as_str(), gate.tools.len(), gate.limits.len()), ("payments", 1, 1));
    assert_eq!(task("tools: [send_money]\n").unwrap().digest, gate.digest);
}

#[test]
fn tasks_cannot_widen() {
    let errors = |text: &str| task(text).map(|_| ()).unwrap_err();
    assert_eq!(errors("tools: [drop_all]\n"), ["gate-tool-unlisted 3:9 tools[0]"]);
    assert_eq!(errors("limits: [{name: day, max: \"1000.01\"}]\n"), ["gate-wider 3:27 limits[0].max"]);
    assert_eq!(errors("limits: [{name: day, max: \"5.001\"}]\n"), ["gate-value 3:27 limits[0].max"]);
    assert_eq!(
        errors("limits: [{name: day, window: total}]\n"),
        ["key-missing 3:10 limits[0]", "gate-malformed 3:22 limits[0].window"]
    );
    assert_eq!(errors("params: {known_payees: [mallory]}\n"), ["name-duplicate 3:24 params.known_payees"]);
    assert_eq!(errors("tools: [{name: send_money, allow: \"pajee = 'a'\"}]\n"), ["column-unknown 3:36 tools[0].allow"]);
    assert_eq!(errors("tools: [{name: send_money, allow: \"FALSE) OR (TRUE\"}]\n").len(), 1);
    assert_eq!(errors("tools: [{name: send_money, inputSchema: {}}]\n"), ["gate-malformed 3:28 tools[0].inputSchema"]);
    assert_eq!(errors("hold: 7d\n"), ["gate-malformed 3:1 hold"]);
    assert_eq!(errors("queries: {relations: [a]}\n"), ["gate-wider 3:10 queries"]);
    // The members of a gate's list cannot be changed under their own names.
    assert_eq!(errors("params: {known_payees.0: mallory}\n").first().map(|one| &one[..10]), Some("gate-value"));
}

#[test]
fn what_is_not_proved_is_refused() {
    let wide = load(
        "apiVersion: guard-nb/v1\nkind: Gate\nid: g\nqueries: {dialect: duckdb, relations: {orders: {columns: [id]}}, maxRows: 10}\n",
    );
    let task = |rows: u32| {
        let text = format!("apiVersion: guard-nb/v1\nkind: Narrowing\nqueries: {{maxRows: {rows}}}\n");
        narrow(&wide, &text, &|_| None).map(|_| ()).map_err(|found| found[0].code.name())
    };
    assert_eq!(task(9), Ok(()));
    assert_eq!(task(11), Err("gate-wider"));
    // A budget in a currency that no call could have, of which nothing is shown.
    let fixed = changed("currency: /currency", "currency: EUR");
    let more = "limits: [{name: usd, type: budget, max: \"5\", currency: USD, window: day}]";
    let found = narrow(&fixed, &format!("apiVersion: guard-nb/v1\nkind: Narrowing\n{more}\n"), &|_| None).unwrap_err();
    assert_eq!(found[0].code.name(), "gate-unproved");
}

#[test]
fn relations_go_with_what_they_alone_asked_for() {
    let wide = load(
        "apiVersion: guard-nb/v1\nkind: Gate\nid: g\nqueries:\n  dialect: duckdb\n  context: [tenant]\n  maxRows: 10\n  functions: [sum]\n  relations:\n    orders: {columns: [id], where: \"tenant = :tenant\"}\n    countries: {columns: [code]}\n",
    );
    let task = |more: &str| {
        let text = format!("apiVersion: guard-nb/v1\nkind: Narrowing\nqueries: {{{more}}}\n");
        narrow(&wide, &text, &|_| None).map_err(|found| (found[0].code.name(), found[0].path.clone()))
    };
    let gate = task("relations: [countries]").unwrap();
    // The context stays the caller's, and its name the gate's.
    let of = |gate: &Gate| gate.with_context(b"{\"tenant\":4}").unwrap();
    assert!(gate.with_context(b"{}").is_err());
    let query = |sql: &str, more: &str| format!(r#"{{"kind":"query","id":"1","principal":"p","sql":"{sql}"{more}}}"#);
    assert_eq!(fresh(&of(&gate), &query("SELECT code FROM countries", "")), Verdict::Transform);
    for denied in [
        query("SELECT id FROM orders", ""),
        query("SELECT code FROM countries WHERE code = :tenant", ""),
        query("SELECT code FROM countries WHERE code = :tenant", r#","params":{"tenant":"x"}"#),
    ] {
        assert_eq!(fresh(&of(&gate), &denied), Verdict::Deny, "{denied}");
    }
    // What was narrowed can be narrowed again.
    let again = "apiVersion: guard-nb/v1\nkind: Narrowing\nqueries: {maxRows: 5}\n";
    assert_eq!(compare(&narrow(&gate, again, &|_| None).unwrap(), &wide), Answer::Proved);
    assert_eq!(task("functions: [sum, count]").unwrap_err(), ("gate-wider", "queries.functions[1]".to_owned()));
    assert_eq!(task("maxRows: 11").unwrap_err(), ("gate-wider", "queries.maxRows".to_owned()));
}

#[test]
fn rules_of_many_cases_are_narrowed_by_and() {
    let many: Vec<String> = (0..12).map(|n| format!("(amount <> {n} OR payee = 'p{n}')")).collect();
    let wide = load(&GATE.replace(ALLOW, &many.join(" AND ")));
    let text = "apiVersion: guard-nb/v1\nkind: Narrowing\ntools: [{name: send_money, allow: \"amount < 3\"}]\n";
    assert_eq!(compare(&narrow(&wide, text, &|_| None).unwrap(), &wide), Answer::Proved);
    assert_eq!(compare(&wide, &wide), Answer::Proved);
}

#[test]
fn orders_keep_their_first_tool() {
    let text = GATE
        .replace(
            "tools:\n  - name: send_money",
            "tools:\n  - name: get_invoice\n    inputSchema: {type: object}\n    allow: \"TRUE\"\n  - name: send_money",
        )
        .replace(
            "limits:\n",
            "limits:\n  - {name: order, type: order, first: get_invoice, then: send_money, within: 1h}\n",
        );
    let wide = load(&text);
    let head = "apiVersion: guard-nb/v1\nkind: Narrowing\n";
    let with = |tools: &str| narrow(&wide, &format!("{head}tools: {tools}\n"), &|_| None);
    assert_eq!(with("[send_money]").unwrap_err()[0].code.name(), "gate-tool-unlisted");
    assert_eq!(with("[get_invoice]").unwrap().limits.len(), 0);
    assert_eq!(with("[send_money, get_invoice]").unwrap().limits.len(), 2);
}

fn atom() -> impl Strategy<Value = String> {
    let number = || (0..6_i32).prop_map(|cents| format!("{}.{:02}", cents / 2, cents % 2 * 50));
    let op = prop::sample::select(vec!["<", "<=", ">", ">=", "=", "<>"]);
    let text = || prop::sample::select(vec!["'a'", "'b'", "'c'"]);
    prop_oneof![
        (op.clone(), number()).prop_map(|(op, number)| format!("amount {op} {number}")),
        (number(), number()).prop_map(|(a, b)| format!("amount BETWEEN {a} AND {b}")),
        (op, number()).prop_map(|(op, number)| format!("{number} {op} tip")),
        (text(), text()).prop_map(|(a, b)| format!("payee IN ({a}, {b})")),
        text().prop_map(|a| format!("payee NOT IN ({a})")),
        Just("tip IS NULL".to_owned()),
        Just("payee IS NOT NULL".to_owned()),
        Just("urgent".to_owned()),
        Just("length(payee) > 1".to_owned()),
        Just("amount / tip > 1".to_owned()),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    atom().prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) AND ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) OR ({b})")),
            inner.prop_map(|a| format!("NOT ({a})")),
        ]
    })
}

fn small(allow: &str, escalate: &str) -> Gate {
    load(&format!(
        "apiVersion: guard-nb/v1\nkind: Gate\nid: g\ntools:\n  - name: t\n    inputSchema:\n      type: object\n      required: [amount]\n      properties: {{amount: {{type: number, minimum: 0}}, tip: {{type: number}}, payee: {{type: string}}, urgent: {{type: boolean}}}}\n    allow: \"{allow}\"\n    escalate: \"{escalate}\"\n"
    ))
}

/// Every proposal over a few values.
fn all() -> Vec<String> {
    let mut out = Vec::new();
    for amount in ["0", "0.5", "0.75", "1", "1.5", "2", "2.5", "3"] {
        for tip in ["", ",\"tip\":0", ",\"tip\":0.5", ",\"tip\":1.25", ",\"tip\":2.5"] {
            for payee in ["", ",\"payee\":\"a\"", ",\"payee\":\"b\"", ",\"payee\":\"cc\""] {
                for urgent in ["", ",\"urgent\":true", ",\"urgent\":false"] {
                    out.push(format!(
                        r#"{{"kind":"action","id":"1","principal":"p","tool":"t","arguments":{{"amount":{amount}{tip}{payee}{urgent}}}}}"#
                    ));
                }
            }
        }
    }
    out
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 2,
        Verdict::Escalate => 1,
        _ => 0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_is_proved_is_so(a in rule(), b in rule(), c in rule(), d in rule(), shared in 0..4_u8) {
        let narrow_allow = if shared & 1 == 1 { format!("({a}) AND ({b})") } else { a.clone() };
        let escalate = if shared & 2 == 2 { d.clone() } else { c.clone() };
        let (own, wide) = (small(&narrow_allow, &c), small(&b, &escalate));
        let wider = || all().into_iter().find(|text| rank(fresh(&own, text)) > rank(fresh(&wide, text)));
        match compare(&own, &wide) {
            Answer::Proved => prop_assert_eq!(wider(), None),
            Answer::Refuted(found) => {
                prop_assert!(rank(fresh(&own, &found.proposal)) > rank(fresh(&wide, &found.proposal)));
            }
            Answer::Unknown(_) => {}
        }
    }

    #[test]
    fn tasks_are_always_proved(a in rule(), b in rule(), c in rule(), d in rule()) {
        let wide = small(&b, &d);
        let text = format!("apiVersion: guard-nb/v1\nkind: Narrowing\ntools:\n  - {{name: t, allow: \"{a}\", escalate: \"{c}\"}}\n");
        prop_assert!(narrow(&wide, &text, &|_| None).is_ok());
    }

    #[test]
    fn lints_of_rules_are_so(a in rule(), b in rule()) {
        let own = small(&a, &b);
        let codes: Vec<&str> = own.diagnostics.iter().map(|one| one.code.name()).collect();
        let verdicts: Vec<Verdict> = all().iter().map(|text| fresh(&own, text)).collect();
        if codes.contains(&"gate-allow-never") {
            prop_assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Deny));
        }
        if codes.contains(&"gate-escalate-never") {
            prop_assert!(!verdicts.contains(&Verdict::Escalate));
        }
        if codes.contains(&"gate-escalate-always") {
            prop_assert!(!verdicts.contains(&Verdict::Allow));
        }
    }
}
