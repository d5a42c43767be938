//! Narrower gates for queries and transforms, and the limits that these meet.

use crate::support::*;
use guard_gate::decide::{Usage, decide, examine};
use guard_gate::narrow::{Answer, Counterexample, compare, narrow};
use guard_gate::{Gate, Verdict};

const HEAD: &str = "apiVersion: guard-nb/v1\nkind: Gate\nid: g\n";
const TASK: &str = "apiVersion: guard-nb/v1\nkind: Narrowing\n";
const QUERIES: &str = "queries:
  dialect: duckdb
  maxRows: 10
  functions: [sum, count]
  relations:
    orders: {columns: [id, code]}
    places: {columns: [code, region]}
";

fn queries(more: &str) -> Gate {
    load(&format!("{HEAD}{QUERIES}{more}"))
}

fn of(from: &str, to: &str) -> Gate {
    assert!(QUERIES.contains(from), "{from}");
    load(&format!("{HEAD}{}", QUERIES.replace(from, to)))
}

fn counterexample(narrow: &Gate, wide: &Gate) -> Counterexample {
    match compare(narrow, wide) {
        Answer::Refuted(found) => *found,
        other => panic!("{other:?}"),
    }
}

fn doubt(narrow: &Gate, wide: &Gate) -> String {
    match compare(narrow, wide) {
        Answer::Unknown(doubts) => doubts.join("; "),
        other => panic!("{other:?}"),
    }
}

fn fresh(gate: &Gate, proposal: &str) -> Verdict {
    let examined = examine(gate, proposal.as_bytes());
    let usages = vec![Usage { preceded: true, ..Usage::default() }; examined.charges.len()];
    decide(gate, &examined, &usages, NOON, None).verdict
}

#[test]
fn limits_on_queries_are_kept() {
    let plain = queries("");
    for limit in [
        "{name: pace, type: rate, max: 2, per: 60s, by: [principal]}",
        "{name: pace, type: velocity, max: 2, window: day}",
        "{name: pace, type: once, by: [/sql], tools: [query]}",
    ] {
        let limited = queries(&format!("limits:\n  - {limit}\n"));
        assert_eq!(compare(&limited, &plain), Answer::Proved);
        assert_eq!(compare(&limited, &limited), Answer::Proved);
        let found = counterexample(&plain, &limited);
        assert_eq!(found.limit.as_deref(), Some("pace"), "{limit}");
        assert!(found.proposal.contains("\"query\"") && found.narrow.permits(), "{}", found.proposal);
    }
    let with = |max: u8| queries(&format!("limits:\n  - {{name: pace, type: velocity, max: {max}, window: day}}\n"));
    assert_eq!(compare(&with(2), &with(3)), Answer::Proved);
    assert_eq!(counterexample(&with(3), &with(2)).limit.as_deref(), Some("pace"));
}

#[test]
fn orders_of_queries_and_tools_are_told_apart() {
    let tools = "tools: [{name: look, inputSchema: {type: object}, allow: \"TRUE\"}]\n";
    let gate = |first: &str, then: &str| {
        queries(&format!("{tools}limits:\n  - {{name: o, type: order, first: {first}, then: {then}, within: 1h}}\n"))
    };
    assert_eq!(compare(&gate("look", "query"), &gate("look", "query")), Answer::Proved);
    assert_eq!(counterexample(&gate("query", "look"), &gate("look", "query")).limit.as_deref(), Some("o"));
    // The kinds are told apart, too.
    let both = |first: &str| {
        let text = format!(
            "{HEAD}{QUERIES}{tools}transforms: {{input: a.yaml, output: a.yaml}}\nlimits:\n  - {{name: o, type: order, first: {first}, then: look, within: 1h}}\n"
        );
        Gate::load(&text, &|_| Some(contract("a", ""))).unwrap()
    };
    assert_eq!(compare(&both("query"), &both("query")), Answer::Proved);
    assert_ne!(compare(&both("transform"), &both("query")), Answer::Proved);
}

#[test]
fn a_task_keeps_the_limits_of_queries() {
    let tools = "tools: [{name: look, inputSchema: {type: object}, allow: \"TRUE\"}]\n";
    let wide = queries(&format!(
        "{tools}limits:\n  - {{name: pace, type: velocity, max: 5, window: day, tools: [look, query]}}\n  - {{name: all, type: velocity, max: 9, window: day}}\n  - {{name: o, type: order, first: look, then: query, within: 1h}}\n"
    ));
    let with =
        |more: &str| narrow(&wide, &format!("{TASK}{more}"), &|_| None).map_err(|found| found[0].message.clone());
    let names = |gate: &Gate| gate.limits.iter().map(|limit| limit.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&with("tools: [look]\n").unwrap()), ["pace", "all", "o"]);
    assert_eq!(names(&with("queries: false\n").unwrap()), ["pace", "all"]);
    assert_eq!(with("tools: []\n").unwrap_err(), "`query` needs `look` before it");
    let lowered = with("limits: [{name: pace, max: 4}]\n").unwrap();
    assert_eq!(counterexample(&wide, &lowered).limit.as_deref(), Some("pace"));
    // Without tools the limits of queries stay.
    let wide = queries(&format!("{tools}limits:\n  - {{name: pace, type: velocity, max: 5, window: day}}\n"));
    let alone = narrow(&wide, &format!("{TASK}tools: []\n"), &|_| None).unwrap();
    assert_eq!((alone.tools.len(), names(&alone)), (0, vec!["pace".to_owned()]));
    assert_eq!(alone.queries.unwrap().meets.len(), 1);
}

#[test]
fn fewer_columns_admit_more() {
    let wide = queries("");
    for columns in ["[id]", "[code, id]", "[id, code, more]"] {
        let own = of("[id, code]", columns);
        assert_ne!(compare(&own, &wide), Answer::Proved, "{columns}");
    }
    let found = counterexample(&of("[id, code]", "[id]"), &wide);
    assert!(found.reasons[0].starts_with("query-"), "{:?}", found.reasons);
    assert_eq!(fresh(&of("[id, code]", "[id]"), &found.proposal), found.narrow);
    assert_eq!(fresh(&wide, &found.proposal), Verdict::Deny);
    // What is proved still: fewer relations, functions and rows.
    for own in [
        of("    orders: {columns: [id, code]}\n", ""),
        of("[sum, count]", "[count]"),
        of("  functions: [sum, count]\n", ""),
        of("maxRows: 10", "maxRows: 9"),
    ] {
        assert_eq!(compare(&own, &wide), Answer::Proved);
        assert!(matches!(compare(&wide, &own), Answer::Refuted(_)));
    }
}

#[test]
fn a_relation_that_went_leaves_its_name_to_with() {
    let wide = load(&format!(
        "{HEAD}{}",
        QUERIES
            .replace("orders: {columns: [id, code]}", "orders: {columns: [id, code], where: \"t = :t\"}")
            .replace("  maxRows", "  context: [t]\n  maxRows")
    ));
    let own = narrow(&wide, &format!("{TASK}queries: {{relations: [places]}}\n"), &|_| None).unwrap();
    assert_eq!(compare(&own, &wide), Answer::Proved);
    let guarded =
        "SELECT guarded.id AS id, guarded.code AS code FROM orders AS guarded WHERE (guarded.t = $t) OFFSET 0";
    let quoted =
        r#"SELECT \"guarded\".\"id\" AS \"id\", \"guarded\".\"code\" AS \"code\" FROM \"orders\" AS \"guarded\""#;
    for sql in [
        "WITH orders AS (SELECT code FROM places) SELECT code FROM orders".to_owned(),
        "WITH orders AS (SELECT 1 AS id, code FROM places), orders_1 AS (SELECT 2 AS id) SELECT o.id FROM orders AS o, orders_1".to_owned(),
        format!("WITH orders AS (SELECT 1 AS id, code, 2 AS t FROM places) SELECT x.id FROM ({quoted}) AS x"),
        format!("WITH orders AS (SELECT 1 AS id, code, 2 AS t FROM places) SELECT x.id FROM ({guarded}) AS x"),
    ] {
        let proposal = format!(r#"{{"kind":"query","id":"1","principal":"p","sql":"{sql}"}}"#);
        for context in [None, Some(r#"{"t":4}"#)] {
            let bound = |gate: &Gate| context.map_or(gate.clone(), |it| gate.with_context(it.as_bytes()).unwrap());
            let (a, b) = (fresh(&bound(&own), &proposal), fresh(&bound(&wide), &proposal));
            assert_eq!(a, b, "{sql} {context:?}");
        }
    }
}

#[test]
fn contexts_fit_both_gates() {
    let with = |context: &str, relation: &str| {
        load(&format!(
            "{HEAD}queries: {{dialect: duckdb, context: {context}, maxRows: 10, relations: {{orders: {{columns: [id], {relation}}}, open: {{columns: [id]}}}}}}\n"
        ))
    };
    let one = with("[t]", "where: \"t = :t\"");
    let two = with("[t, u]", "where: \"t = :t AND u = :u\"");
    assert_eq!(compare(&one, &one), Answer::Proved);
    assert!(doubt(&one, &two).contains("fits one gate only"));
    assert!(doubt(&two, &one).contains("fits one gate only"));
    // For another principal it is another gate.
    let (four, five) = (one.with_context(b"{\"t\":4}").unwrap(), one.with_context(b"{\"t\":5}").unwrap());
    assert_eq!(compare(&four, &four), Answer::Proved);
    assert!(doubt(&four, &five).contains("different contexts"));
    assert_eq!(compare(&one, &four), Answer::Proved);
    // Without one the wide gate denies what needs one.
    assert_eq!(counterexample(&four, &one).reasons[0].split(':').next(), Some("query-parameter"));
    // Both get what they ask for.
    let rows = with("[t]", "where: \"t = :t\", rows: 5");
    let more = load(&rows.source.0.canonical().replace("\"maxRows\":10", "\"maxRows\":11"));
    let found = counterexample(&more, &one);
    assert_eq!(found.context.as_deref(), Some(r#"{"t":"someone"}"#));
    let bound = |gate: &Gate| gate.with_context(found.context.as_ref().unwrap().as_bytes()).unwrap();
    assert_eq!(fresh(&bound(&more), &found.proposal), found.narrow);
    assert_eq!(fresh(&bound(&one), &found.proposal), found.wide);
}

fn contract(name: &str, more: &str) -> String {
    format!(
        "apiVersion: v3.1.0\nkind: DataContract\nid: {name}\nversion: 1.0.0\nstatus: active\nschema:\n  - name: {name}\n    properties:\n      - {{name: id, logicalType: integer, required: true}}\n      - {{name: note, logicalType: string}}\n{more}"
    )
}

#[test]
fn transforms_are_judged_by_the_same_contracts() {
    let gate = |input: &str, output: &str| {
        let files = |name: &str| match name {
            "in.yaml" => Some(contract("a", input)),
            "out.yaml" | "moved.yaml" => Some(contract("b", output)),
            _ => None,
        };
        Gate::load(&format!("{HEAD}transforms: {{input: in.yaml, output: out.yaml}}\n"), &files).unwrap()
    };
    let country = "      - {name: country, logicalType: string, required: true}\n";
    let wide = gate(country, country);
    assert_eq!(compare(&wide, &wide), Answer::Proved);
    let found = counterexample(&gate(country, ""), &wide);
    assert!(found.reasons[0].starts_with("transform-column-missing"), "{:?}", found.reasons);
    let open = "      - {name: country, logicalType: string}\n";
    let found = counterexample(&gate(open, open), &wide);
    assert_eq!((found.narrow, found.wide), (Verdict::Allow, Verdict::Deny));
    // A text that is proved by the one input contract is not by the other.
    let found = counterexample(&wide, &gate(open, country));
    assert!(found.reasons[0].starts_with("transform-null"), "{:?}", found.reasons);
    // Nothing that is tried shows that the other input is no wider.
    let more = format!("{country}      - {{name: more, logicalType: string}}\n");
    assert!(doubt(&gate(country, ""), &gate(&more, "")).contains("input"));
    // What the file is called is no matter.
    let files = |name: &str| Some(contract(if name == "in.yaml" { "a" } else { "b" }, country));
    let moved = Gate::load(&format!("{HEAD}transforms: {{input: in.yaml, output: moved.yaml}}\n"), &files).unwrap();
    assert_eq!(compare(&moved, &wide), Answer::Proved);
    // Limits of transforms are kept, too.
    let limited = format!(
        "{HEAD}transforms: {{input: in.yaml, output: out.yaml}}\nlimits:\n  - {{name: few, type: velocity, max: 2, window: total, tools: [transform]}}\n"
    );
    let limited = Gate::load(&limited, &files).unwrap();
    assert_eq!(counterexample(&wide, &limited).limit.as_deref(), Some("few"));
    assert_eq!(compare(&limited, &wide), Answer::Proved);
}

#[test]
fn a_kind_that_the_wide_gate_does_not_judge_is_refuted() {
    let tools = load(&format!("{HEAD}tools: [{{name: look, inputSchema: {{type: object}}, allow: \"TRUE\"}}]\n"));
    let found = counterexample(&queries(""), &tools);
    assert!(found.reasons[0].starts_with("kind-unsupported"), "{:?}", found.reasons);
    let both = queries("tools: [{name: look, inputSchema: {type: object}, allow: \"TRUE\"}]\n");
    assert_eq!(compare(&tools, &both), Answer::Proved);
    assert_eq!(compare(&queries(""), &both), Answer::Proved);
    // Parameters of the file have the same values.
    let filtered = |least: u8| {
        let text =
            QUERIES.replace("orders: {columns: [id, code]}", "orders: {columns: [id, code], where: \"id > :least\"}");
        load(&format!("{HEAD}params: {{least: {least}}}\n{text}"))
    };
    assert_eq!(compare(&filtered(3), &filtered(3)), Answer::Proved);
    assert!(doubt(&filtered(3), &filtered(4)).contains("`params`"));
}
