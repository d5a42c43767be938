//! A proposal that the narrow gate admits and the wide one does not: values at the edges of both, tried out.

use super::Counterexample;
use crate::decide::{Examined, Usage, decide, examine};
use crate::decision::{Decision, Verdict};
use crate::file::{Currency, Gate, Tool};
use crate::json::{Json, joined, pointer};
use crate::limit::{Kind, Limit};
use crate::logic::bounds::Bounds;
use crate::logic::cases::{Case, cases};
use crate::logic::region::Value;
use crate::narrow::texts;
use crate::narrow::values::{Pool, values};

/// Most proposals that are tried for one tool.
const MOST: usize = 2_000;
/// Most admitted proposals for which limits are tried.
const ADMITTED: usize = 16;
/// A moment: 2026-11-23, noon.
const NOW: i64 = 1_795_435_200_000_000;

pub(super) fn counterexample(narrow: &Gate, wide: &Gate) -> Option<Counterexample> {
    let tools = narrow.tools.iter().find_map(|tool| {
        let other = wide.tool(&tool.name).map(|(_, tool)| tool);
        tried(narrow, wide, proposals(narrow, wide, tool, other).iter().map(Json::canonical))
    });
    tools.or_else(|| queries(narrow, wide)).or_else(|| tried(narrow, wide, texts::transforms(narrow).into_iter()))
}

/// Queries, each with a context that fits both gates, if there is one.
fn queries(narrow: &Gate, wide: &Gate) -> Option<Counterexample> {
    let (own, other) = (narrow.queries.as_ref()?, wide.queries.as_ref());
    let asked = texts::queries(own, other);
    let bound = !own.context.is_empty() || other.is_some_and(|other| !other.context.is_empty());
    let names = other.map_or(&own.asked, |other| &other.asked);
    if bound || (own.asked.is_empty() && names.is_empty()) {
        return tried(narrow, wide, asked.into_iter());
    }
    let values = own.asked.iter().map(|name| (name.clone().into(), Json::Text("someone".into())));
    let context = Json::Object(values.collect()).canonical();
    let with = |gate: &Gate| gate.with_context(context.as_bytes()).ok();
    // A gate without queries takes no context, and denies them all.
    let wide = if other.is_some() { with(wide)? } else { wide.clone() };
    let found = tried(&with(narrow)?, &wide, asked.into_iter())?;
    Some(Counterexample { context: Some(context), ..found })
}

fn tried(narrow: &Gate, wide: &Gate, proposals: impl Iterator<Item = String>) -> Option<Counterexample> {
    let mut admitted = Vec::new();
    for text in proposals {
        let (own, theirs) = (examine(narrow, text.as_bytes()), examine(wide, text.as_bytes()));
        let (a, b) = (said(narrow, &own, None), said(wide, &theirs, None));
        if rank(a.verdict) > rank(b.verdict) {
            return Some(found(&text, &a, &b, None));
        }
        if a.verdict.permits() && admitted.len() < ADMITTED {
            admitted.push(text);
        }
    }
    admitted.iter().find_map(|text| {
        let (own, theirs) = (examine(narrow, text.as_bytes()), examine(wide, text.as_bytes()));
        spent(narrow, wide, text, &own, &theirs)
    })
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Allow => 3,
        Verdict::Transform => 2,
        Verdict::Escalate => 1,
        Verdict::Deny => 0,
    }
}

fn found(text: &str, narrow: &Decision, wide: &Decision, limit: Option<&str>) -> Counterexample {
    Counterexample {
        proposal: text.to_owned(),
        narrow: narrow.verdict,
        wide: wide.verdict,
        reasons: wide.reasons.iter().map(|reason| format!("{}: {}", reason.code.name(), reason.message)).collect(),
        limit: limit.map(str::to_owned),
        context: None,
    }
}

/// A pot of a limit that is used up: gate, name and part.
type Pot<'p> = (&'p str, &'p str, &'p str, Usage);

/// The decision where nothing was spent but from one pot.
fn said(gate: &Gate, examined: &Examined, pot: Option<&Pot<'_>>) -> Decision {
    let fresh = Usage { preceded: true, ..Usage::default() };
    let usages: Vec<Usage> = examined
        .charges
        .iter()
        .map(|charge| match (pot, gate.limits.get(charge.limit)) {
            (Some((id, name, part, usage)), Some(limit))
                if gate.id == *id && limit.name == *name && charge.part == *part =>
            {
                *usage
            }
            _ => fresh,
        })
        .collect();
    decide(gate, examined, &usages, NOW, None)
}

/// Both gates where one limit of the wide one is used up.
fn spent(narrow: &Gate, wide: &Gate, text: &str, own: &Examined, theirs: &Examined) -> Option<Counterexample> {
    theirs.charges.iter().filter(|charge| !charge.first).find_map(|charge| {
        let limit = wide.limits.get(charge.limit)?;
        let full = match &limit.kind {
            Kind::Budget { max, .. } => Usage {
                sum: max.checked_sub(charge.amount)?.checked_add(1)?.max(0),
                preceded: true,
                ..Usage::default()
            },
            Kind::Velocity { max, .. } => Usage { count: *max, preceded: true, ..Usage::default() },
            Kind::Once { .. } => Usage { count: 1, preceded: true, ..Usage::default() },
            Kind::Rate { .. } => Usage { arrival: Some(i64::MAX / 2), preceded: true, ..Usage::default() },
            Kind::Order { .. } => Usage::default(),
        };
        let pot = (wide.id.as_str(), limit.name.as_str(), charge.part.as_str(), full);
        let before = parted(narrow, limit);
        // What the wide gate still counts and the narrow one no more, or what is too long ago for the wide one alone.
        let own_pot = if before { None } else { Some(&pot) };
        let (a, b) = (said(narrow, own, own_pot), said(wide, theirs, Some(&pot)));
        (rank(a.verdict) > rank(b.verdict)).then(|| found(text, &a, &b, Some(&limit.name)))
    })
}

/// Is there a time that one gate's limit of this name counts and the other's does not, to the narrow gate's good? What
/// was spent then fills the limit, and what came first then is too long ago, for the wide gate alone.
fn parted(narrow: &Gate, limit: &Limit) -> bool {
    let Some(own) = narrow.limits.iter().find(|own| own.name == limit.name) else { return false };
    let (own, since) = (&own.kind, limit.kind.since(NOW));
    match (own, &limit.kind) {
        (Kind::Order { .. }, Kind::Order { .. }) => own.since(NOW) < since,
        (Kind::Rate { .. } | Kind::Order { .. }, _) | (_, Kind::Rate { .. } | Kind::Order { .. }) => false,
        _ => own.since(NOW) > since,
    }
}

/// Proposals for one tool: for each way in which the narrow rule can be TRUE, all combinations of edge values, or as many as are tried.
fn proposals(narrow: &Gate, wide: &Gate, tool: &Tool, other: Option<&Tool>) -> Vec<Json> {
    let mut pool = Pool::default();
    for rule in
        [Some(tool), other].into_iter().flatten().flat_map(|tool| std::iter::once(&tool.allow).chain(&tool.escalate))
    {
        let mut constants = Vec::new();
        rule.holds_when.constants(&mut constants);
        constants.into_iter().for_each(|(column, value)| pool.add(&column, value));
        pool.read(&rule.text);
    }
    for limit in narrow.limits.iter().chain(&wide.limits) {
        if let (Kind::Budget { currency, .. }, Some(money)) = (&limit.kind, &tool.money)
            && let Currency::At(steps) = &money.currency
        {
            let column = steps.iter().fold(String::new(), |path, step| joined(&path, step));
            pool.add(&column, Value::Text(currency.to_string()));
        }
    }
    let columns = columns(tool, other, &pool);
    let bounds = tool.bounds();
    let ways = cases(&[&tool.allow.holds_when], &bounds).unwrap_or_else(|| vec![Case::default()]);
    let share = MOST.checked_div(ways.len().max(1)).unwrap_or(MOST).max(50);
    ways.iter().flat_map(|way| combined(tool, &columns, way, &bounds, share)).take(MOST).collect()
}

/// What is filled in: an argument or a member of the proposal, and the values for it; none for leaving it out.
type Columns = Vec<(String, Vec<Option<Json>>)>;

fn columns(tool: &Tool, other: Option<&Tool>, pool: &Pool) -> Columns {
    let mut out: Columns = Vec::new();
    let nothing = Json::Object(Vec::new());
    let properties = tool.input.get("properties").unwrap_or(&nothing).members();
    let more = other.and_then(|other| other.input.get("properties")).unwrap_or(&nothing).members();
    let money = tool.money.as_ref().and_then(|money| money.top());
    let bounds = tool.bounds();
    for (name, schema) in properties {
        // The wider schema's edges are edges too.
        let wide = more.iter().find(|(own, _)| own == name).map(|(_, schema)| schema);
        let column = joined("", name);
        let mut found = values(schema, &column, pool, money == Some(name), 0);
        for value in wide.map(|wide| values(wide, &column, pool, money == Some(name), 0)).unwrap_or_default() {
            if !found.contains(&value) {
                found.push(value);
            }
        }
        let mut given: Vec<Option<Json>> = found.into_iter().map(Some).collect();
        if !bounds.present(&column) {
            given.push(None);
        }
        out.push((column, given));
    }
    for member in ["principal", "task"] {
        let column = format!("/proposal/{member}");
        let mut texts = pool.texts(&column);
        texts.push(Json::Text("someone".into()));
        let mut given: Vec<Option<Json>> = texts.into_iter().map(Some).collect();
        if member == "task" {
            given.insert(0, None);
        }
        out.push((column, given));
    }
    out
}

/// Combinations of the values that the way leaves, the plain ones first.
fn combined(tool: &Tool, columns: &Columns, way: &Case, bounds: &Bounds, most: usize) -> Vec<Json> {
    let lists: Vec<Vec<&Option<Json>>> = columns
        .iter()
        .map(|(column, values)| {
            let kept: Vec<&Option<Json>> = values.iter().filter(|value| fits(value, column, way, bounds)).collect();
            if kept.is_empty() { values.iter().collect() } else { kept }
        })
        .collect();
    let all = lists.iter().try_fold(1_usize, |all, list| all.checked_mul(list.len())).unwrap_or(usize::MAX);
    let picks: Vec<Vec<usize>> = if all <= most { every(&lists) } else { pairs(&lists, most) };
    picks.iter().map(|pick| proposal(tool, columns, &lists, pick)).collect()
}

fn fits(value: &Option<Json>, column: &str, way: &Case, bounds: &Bounds) -> bool {
    let region = way.region(column, bounds);
    match value {
        None | Some(Json::Null) => !way.regions.contains_key(column),
        Some(Json::Number(number)) => region.contains(&Value::Number(number.clone())),
        Some(Json::Text(text)) => {
            crate::number::Number::parse(text).is_some_and(|number| region.contains(&Value::Number(number)))
                || region.contains(&Value::Text(text.to_string()))
        }
        Some(Json::Bool(value)) => region.contains(&Value::Bool(*value)),
        Some(Json::List(_) | Json::Object(_)) => true,
    }
}

/// All combinations, as positions.
fn every(lists: &[Vec<&Option<Json>>]) -> Vec<Vec<usize>> {
    lists.iter().fold(vec![Vec::new()], |before, list| {
        let longer = |pick: Vec<usize>| (0..list.len()).map(move |at| [pick.as_slice(), &[at]].concat());
        before.into_iter().flat_map(longer).collect()
    })
}

/// All combinations of two values beside the first of every other list.
fn pairs(lists: &[Vec<&Option<Json>>], most: usize) -> Vec<Vec<usize>> {
    let mut out = vec![vec![0; lists.len()]];
    for (a, first) in lists.iter().enumerate() {
        for (b, second) in lists.iter().enumerate().skip(a) {
            for x in 0..first.len() {
                for y in 0..second.len() {
                    if out.len() >= most {
                        return out;
                    }
                    let pick = (0..lists.len()).map(|at| {
                        if at == b {
                            y
                        } else if at == a {
                            x
                        } else {
                            0
                        }
                    });
                    out.push(pick.collect());
                }
            }
        }
    }
    out
}

fn proposal(tool: &Tool, columns: &Columns, lists: &[Vec<&Option<Json>>], pick: &[usize]) -> Json {
    let mut arguments = Vec::new();
    let text = |text: &str| Json::Text(text.to_owned().into());
    let mut out =
        vec![("kind".into(), text("action")), ("id".into(), text("example")), ("tool".into(), text(&tool.name))];
    for (((column, _), list), at) in columns.iter().zip(lists).zip(pick) {
        let Some(Some(value)) = list.get(*at) else { continue };
        match pointer(column).as_deref() {
            Some([name]) => arguments.push((name.clone().into(), value.clone())),
            Some([_, member]) => out.push((member.clone().into(), value.clone())),
            _ => {}
        }
    }
    out.push(("arguments".into(), Json::Object(arguments)));
    Json::Object(out)
}
