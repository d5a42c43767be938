//! Pairs of small gates: whatever is proved of them holds for every proposal in every ledger that is tried.

use crate::support::{NOON, SECOND};
use guard_gate::decide::{Usage, decide, examine};
use guard_gate::narrow::{Answer, compare};
use guard_gate::permit::Key;
use guard_gate::{Gate, Ledger, Verdict};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How many choices make a gate.
const GENES: usize = 28;
type Genes = [u8; GENES];

struct Reader<'g>(std::slice::Iter<'g, u8>);

impl Reader<'_> {
    fn pick(&mut self, of: &[&str]) -> String {
        of[usize::from(*self.0.next().unwrap()) % of.len()].to_owned()
    }

    fn tool(&mut self, name: &str) -> String {
        let allow = self.pick(&["TRUE", "amount <= 5", "amount <= 3", "amount <= 3 AND payee = 'x'", "payee = 'x'"]);
        let escalate = self.pick(&["", "escalate: \"amount > 2\", ", "escalate: \"amount > 1\", "]);
        let key = self.pick(&["", "", "key: [/payee], "]);
        let money = if name == "a" { "money: {amount: /amount, currency: EUR}, " } else { "" };
        format!(
            "  - {{name: {name}, {money}{key}{escalate}allow: \"{allow}\", inputSchema: {{type: object, required: [amount], properties: {{amount: {{type: integer, minimum: 0}}, payee: {{type: string}}}}}}}}\n"
        )
    }

    fn limit(&mut self, name: &str) -> String {
        let max = self.pick(&["1", "2", "3"]);
        let window = self.pick(&["total", "day", "hour", "1h", "2h"]);
        let by = self.pick(&["", "by: [principal], ", "by: [/task], "]);
        let tools = self.pick(&[
            "",
            "tools: [a], ",
            "tools: [a, query], ",
            "tools: [query], ",
            "tools: [transform], ",
            "tools: [b], ",
        ]);
        let ends = self.pick(&[
            "first: a, then: query",
            "first: query, then: a",
            "first: a, then: b",
            "first: transform, then: query",
        ]);
        let kind = self.pick(&["", "", "velocity", "velocity", "once", "rate", "order", "budget"]);
        let by_once = if by.is_empty() { "by: [principal], " } else { &by };
        let body = match kind.as_str() {
            "velocity" => format!("{by}{tools}max: {max}, window: {window}"),
            "once" => format!("{by_once}{tools}window: {window}"),
            "rate" => format!("{by}{tools}max: {max}, per: 1h"),
            "order" => format!("{by}{ends}, within: {max}h"),
            "budget" => format!("{by}tools: [a], max: \"{max}\", currency: EUR, window: {window}"),
            _ => return String::new(),
        };
        format!("  - {{name: {name}, type: {kind}, {body}}}\n")
    }

    fn queries(&mut self) -> String {
        let one = self.pick(&["[a, b]", "[a, b]", "[a]", "[b, a]"]);
        let two =
            self.pick(&["    r2: {columns: [a, c]}\n", "    r2: {columns: [a, c]}\n", "    r2: {columns: [c]}\n", ""]);
        let three = self.pick(&["", "    r3: {columns: [d], where: \"k = :k\"}\n", "    r3: {columns: [d]}\n"]);
        let functions = self.pick(&["[sum, count]", "[count]", "[]"]);
        let rows = self.pick(&["2", "3", "1"]);
        let context = if three.contains(":k") { "  context: [k]\n" } else { "" };
        format!(
            "queries:\n  dialect: duckdb\n  maxRows: {rows}\n  functions: {functions}\n{context}  relations:\n    r1: {{columns: {one}}}\n{two}{three}"
        )
    }
}

/// None where the choices make no gate that loads.
fn gate(genes: &Genes) -> Option<Gate> {
    let mut reader = Reader(genes.iter());
    let (a, b) = (reader.tool("a"), reader.tool("b"));
    let limits = reader.limit("l") + &reader.limit("m");
    let queries = reader.queries();
    let output = reader.pick(&["required: true", "required: false", "required: true"]);
    let parts = reader.pick(&["ab", "ab", "a", "abq", "abq", "abqt", "abqt", "aq", "q", "t"]);
    let hold = reader.pick(&["5m", "5m", "1h"]);
    let part = |sign: char, text: &str| if parts.contains(sign) { text.to_owned() } else { String::new() };
    let tools = part('a', &a) + &part('b', &b);
    let tools = if tools.is_empty() { tools } else { format!("tools:\n{tools}") };
    let limits = if limits.is_empty() { limits } else { format!("limits:\n{limits}") };
    let transforms = part('t', "transforms: {input: i, output: o}\n");
    let text = format!(
        "apiVersion: guard-nb/v1\nkind: Gate\nid: g\nhold: {hold}\n{tools}{limits}{}{transforms}",
        part('q', &queries)
    );
    let contract = |nulls: &str| {
        format!(
            "apiVersion: v3.1.0\nkind: DataContract\nid: c\nversion: 1.0.0\nschema:\n  - name: c\n    properties: [{{name: x, logicalType: integer, {nulls}}}]\n"
        )
    };
    Gate::load(&text, &|name| Some(contract(if name == "o" { &output } else { "required: false" }))).ok()
}

/// With what its queries ask of the caller, if anything.
fn bound(gate: Gate) -> Gate {
    match gate.queries.as_ref().is_some_and(|queries| !queries.asked.is_empty()) {
        true => gate.with_context(br#"{"k":4}"#).unwrap(),
        false => gate,
    }
}

const QUERIES: [&str; 20] = [
    "SELECT a FROM r1 LIMIT 1",
    "SELECT a FROM r1 LIMIT 2",
    "SELECT a FROM r1",
    "SELECT b FROM r1, r2",
    "SELECT a FROM r1, r2",
    "SELECT c FROM r1, r2",
    "SELECT d FROM r3",
    "SELECT * FROM r1 UNION SELECT 1, 2",
    "SELECT * FROM r1 UNION SELECT 1",
    "SELECT r1.b FROM r1 JOIN r2 USING (a)",
    "SELECT x FROM r1 AS t(x, y)",
    "SELECT a FROM r1 AS t(a)",
    "SELECT b FROM r1, (SELECT 1 AS b) AS t",
    "SELECT (SELECT c FROM r2 LIMIT 1) AS n FROM r1",
    "SELECT count(*) AS n FROM r1",
    "SELECT sum(a) AS n FROM r1",
    "WITH r2 AS (SELECT a FROM r1) SELECT a FROM r2",
    "WITH r2 AS (SELECT 1 AS a), r2_1 AS (SELECT 2 AS b) SELECT a, b FROM r2, r2_1",
    "WITH r3 AS (SELECT 1 AS d) SELECT d FROM r3",
    "SELECT :k AS n",
];

/// Every proposal that is tried.
fn proposals() -> Vec<String> {
    let mut out = Vec::new();
    for tool in ["a", "b"] {
        for amount in ["1", "2", "3", "6"] {
            for payee in ["", ",\"payee\":\"x\"", ",\"payee\":\"y\""] {
                out.push(format!(r#""kind":"action","tool":"{tool}","arguments":{{"amount":{amount}{payee}}}"#));
            }
        }
    }
    out.extend(QUERIES.iter().map(|sql| format!(r#""kind":"query","sql":"{sql}""#)));
    let transforms = ["SELECT x FROM input", "SELECT 1 AS x FROM input", "SELECT NULL AS x FROM input"];
    out.extend(transforms.iter().map(|sql| format!(r#""kind":"transform","sql":"{sql}""#)));
    out
}

fn named(body: &str, id: &str, who: u8) -> String {
    let (principal, task) = [("p", ""), ("p", ",\"task\":\"t\""), ("q", "")][usize::from(who) % 3];
    format!(r#"{{"id":"{id}","principal":"{principal}"{task},{body}}}"#)
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 3,
        Verdict::Transform => 2,
        Verdict::Escalate => 1,
        Verdict::Deny => 0,
    }
}

/// What happened before: which gate decided, which proposal, what came of it, and how long it took.
type Step = (bool, u8, u8, u8, u8);

/// A ledger after it all, at a time.
fn lived(narrow: &Gate, wide: &Gate, steps: &[Step], all: &[String]) -> Ledger {
    let clock = Arc::new(AtomicI64::new(NOON));
    let time = clock.clone();
    let ledger = Ledger::memory(Key::new([1; 32])).with_clock(move || time.load(Ordering::SeqCst));
    for (at, (by_narrow, what, who, end, minutes)) in steps.iter().enumerate() {
        let gate = if *by_narrow { narrow } else { wide };
        let body = &all[usize::from(*what) % all.len()];
        let decision = ledger.decide(gate, named(body, &at.to_string(), *who).as_bytes());
        if let Some(permit) = &decision.permit {
            match end % 4 {
                0 => ledger.release(permit).unwrap(),
                1 => {}
                _ => ledger.commit(permit, None).unwrap(),
            }
        }
        clock.fetch_add(i64::from(*minutes) * 60 * SECOND, Ordering::SeqCst);
    }
    ledger
}

/// A proposal that the supposedly narrower gate admits more of, in an empty ledger or after these steps.
fn wider(narrow: &Gate, wide: &Gate, histories: &[Vec<Step>]) -> Option<String> {
    let all = proposals();
    let more = |steps: &[Step], body: &str, who: u8| {
        let text = named(body, "now", who);
        let (own, other) = (lived(narrow, wide, steps, &all), lived(narrow, wide, steps, &all));
        let (a, b) = (own.decide(narrow, text.as_bytes()).verdict, other.decide(wide, text.as_bytes()).verdict);
        (rank(a) > rank(b)).then(|| format!("{text}: {} where the wider says {} after {steps:?}", a.name(), b.name()))
    };
    let empty = all.iter().find_map(|body| more(&[], body, 1));
    empty.or_else(|| {
        histories.iter().find_map(|steps| {
            // What was asked before is asked again, by its own principal.
            steps.iter().find_map(|(_, what, who, ..)| more(steps, &all[usize::from(*what) % all.len()], *who))
        })
    })
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let step = (
        any::<bool>(),
        prop_oneof![0..12_u8, any::<u8>(), 24..27_u8],
        0..3_u8,
        0..4_u8,
        prop_oneof![Just(0_u8), 1..90_u8],
    );
    prop::collection::vec(step, 1..6)
}

/// With the context of a counterexample, if it has one.
fn given(gate: Gate, context: Option<&String>) -> Gate {
    context.and_then(|text| gate.with_context(text.as_bytes()).ok()).unwrap_or(gate)
}

fn fresh(gate: &Gate, proposal: &str) -> Verdict {
    let examined = examine(gate, proposal.as_bytes());
    let usages = vec![Usage { preceded: true, ..Usage::default() }; examined.charges.len()];
    decide(gate, &examined, &usages, NOON, None).verdict
}

/// How often something was proved and refuted.
type Counts = [Cell<u32>; 2];

fn tried(own: Gate, wide: Gate, histories: &[Vec<Step>], counts: &Counts) -> Result<(), TestCaseError> {
    match compare(&own, &wide) {
        Answer::Proved => {
            counts[0].set(counts[0].get() + 1);
            // A context that fits one fits both.
            let asked = |gate: &Gate| gate.queries.as_ref().map(|queries| queries.asked.clone());
            prop_assert!(own.queries.is_none() || asked(&own) == asked(&wide));
            prop_assert_eq!(wider(&own, &wide, histories), None);
            prop_assert_eq!(wider(&bound(own), &bound(wide), histories), None);
        }
        Answer::Refuted(found) => {
            counts[1].set(counts[1].get() + 1);
            prop_assert!(rank(found.narrow) > rank(found.wide));
            if found.limit.is_none() {
                let (own, wide) = (given(own, found.context.as_ref()), given(wide, found.context.as_ref()));
                let said = (fresh(&own, &found.proposal), fresh(&wide, &found.proposal));
                prop_assert_eq!(said, (found.narrow, found.wide));
            }
        }
        Answer::Unknown(_) => {}
    }
    Ok(())
}

#[test]
fn what_is_proved_of_whole_gates_is_so() {
    let genes = prop::array::uniform::<_, GENES>(any::<u8>());
    let changes = prop::collection::vec((0..GENES, any::<u8>()), 0..4);
    let whole = (genes, changes, prop::collection::vec(history(), 3));
    let counts = Counts::default();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(600));
    let outcome = runner.run(&whole, |(genes, changes, histories)| {
        let mut other = genes;
        changes.into_iter().for_each(|(at, value)| other[at] = value);
        match (gate(&genes), gate(&other)) {
            (Some(own), Some(wide)) => tried(own, wide, &histories, &counts),
            _ => Ok(()),
        }
    });
    outcome.unwrap();
    // Most choices make gates that load, and the answers are of all kinds.
    let [proved, refuted] = counts.map(Cell::into_inner);
    assert!(proved >= 60 && refuted >= 60, "{proved} {refuted}");
}
