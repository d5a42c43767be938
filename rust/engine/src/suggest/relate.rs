//! Which relations of presence and of values are worth saying.

use super::codes::{Coded, Dependency};
use super::presence::{MAX_VALUES, leads};
use super::propose::{named, suggestion};
use super::sample::ENOUGH;
use super::write::holds;
use super::{Suggester, Suggestion};
use crate::infer::yaml::count;

/// Chance is believed to be out of play when its odds are less than e to the power of minus this.
const SURE: f64 = 12.0;
/// Most values that a rule lists.
const LISTED: usize = 12;

/// That all of `tested` records came out the same, when a share of them should not have: is that more than chance?
fn telling(tested: u64, otherwise: f64) -> bool {
    tested >= ENOUGH && tested as f64 * -(1.0 - otherwise).max(f64::MIN_POSITIVE).ln() >= SURE
}

/// What goes with NULL: other NULLs, and values.
pub fn presence(seen: &Suggester) -> Vec<Suggestion> {
    let there = &seen.presence;
    let partial =
        |place: &usize| there.nulls(*place) > 0 && there.present.get(*place).is_some_and(|present| *present > 0);
    let partial: Vec<usize> = (0..there.present.len()).filter(partial).collect();
    let together = |a: usize, b: usize| there.implies(a, b) && there.implies(b, a);
    let (mut out, mut firsts) = (Vec::new(), Vec::new());
    for b in partial {
        match firsts.iter().copied().find(|a| together(*a, b)) {
            Some(a) => out.extend(both_null(seen, a, b)),
            None => firsts.push(b),
        }
    }
    let wanted = |a: usize, b: usize| a != b && there.implies(a, b) && convincing(seen, a, b);
    for a in firsts.iter().copied() {
        for b in firsts.iter().copied().filter(|b| wanted(a, *b)) {
            // What a third column says of both is not said again.
            if !firsts.iter().any(|c| wanted(a, *c) && wanted(*c, b)) {
                out.push(needs(seen, a, b));
            }
        }
    }
    for (place, coded) in seen.codes.coded.iter().enumerate() {
        let few = seen.codes.complete(place).is_some() && coded.counts.len() <= MAX_VALUES;
        if few && leads(coded) {
            out.extend(firsts.iter().filter(|b| **b != coded.column).flat_map(|b| by_value(seen, place, coded, *b)));
        }
    }
    out
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Would `b` be NULL on some of the records where `a` is there, if they had nothing to do with each other?
fn convincing(seen: &Suggester, a: usize, b: usize) -> bool {
    let there = &seen.presence;
    telling(there.both(a, b), share(there.nulls(b), there.records))
}

fn both_null(seen: &Suggester, a: usize, b: usize) -> Option<Suggestion> {
    let there = &seen.presence;
    let rule = format!("({} IS NULL) = ({} IS NULL)", named(seen, a), named(seen, b));
    let note = format!("{}; both are NULL on {}", holds(there.records, there.records), count(there.nulls(a)));
    convincing(seen, a, b).then(|| suggestion(seen, "presence", rule, &[a, b], there.records, note))
}

/// `a` has a value only where `b` has one.
fn needs(seen: &Suggester, a: usize, b: usize) -> Suggestion {
    let there = &seen.presence;
    let (x, y) = (named(seen, a), named(seen, b));
    let support = there.both(a, b);
    let note = format!(
        "{y} is there on all {} records where {x} is, and NULL on {} others",
        count(support),
        count(there.nulls(b))
    );
    let rule = format!("{x} IS NULL OR {y} IS NOT NULL");
    Suggestion { nulls: 0, ..suggestion(seen, "presence", rule, &[a, b], support, note) }
}

/// Which values of a column go with `b` being there, and which with NULL.
fn by_value(seen: &Suggester, place: usize, coded: &Coded, b: usize) -> Vec<Suggestion> {
    let counts = seen.presence.by_value(place, coded, b);
    let (all, present) = counts.iter().fold((0, 0), |(all, there), (n, p)| (all + n, there + p));
    let absent = all - present;
    let sort = |is: &dyn Fn(u64, u64) -> bool| -> Vec<usize> {
        counts.iter().enumerate().filter(|(_, (n, p))| is(*n, *p)).map(|(code, _)| code).collect()
    };
    let (with, without) = (sort(&|n, p| n == p), sort(&|_, p| p == 0));
    let decides = with.len() + without.len() == counts.len();
    if decides && telling(present, share(absent, all)) && telling(absent, share(present, all)) {
        return decided(seen, coded, b, &with, &without, (present, absent)).into_iter().collect();
    }
    let sure = |n: u64, otherwise: u64| telling(n, share(otherwise, all));
    let with = sort(&|n, p| n == p && sure(n, absent));
    let without = sort(&|n, p| p == 0 && sure(n, present));
    let tested = |codes: &[usize]| codes.iter().filter_map(|code| coded.counts.get(*code)).sum::<u64>();
    let one = |codes: &[usize], state, others| {
        let rule = format!("{} OR {} IS {state}", outside(seen, coded, codes)?, named(seen, b));
        let (support, other) = (tested(codes), if state == "NULL" { "there" } else { "NULL" });
        let note = format!(
            "holds on all {} records with {}; {} is {other} on {} of the others",
            count(support),
            if codes.len() == 1 { "this value" } else { "these values" },
            named(seen, b),
            count(others)
        );
        let nulls = seen.presence.nulls(coded.column);
        Some(Suggestion { nulls, ..suggestion(seen, "presence", rule, &[coded.column, b], support, note) })
    };
    [one(&with, "NOT NULL", absent), one(&without, "NULL", present)].into_iter().flatten().collect()
}

/// Each value decides whether `b` is there: said by the shorter list.
fn decided(
    seen: &Suggester,
    coded: &Coded,
    b: usize,
    with: &[usize],
    without: &[usize],
    (present, absent): (u64, u64),
) -> Option<Suggestion> {
    let (codes, state) = if with.len() <= without.len() { (with, "NOT NULL") } else { (without, "NULL") };
    let rule = format!("({}) = ({} IS {state})", inside(seen, coded, codes)?, named(seen, b));
    let (support, records) = (present + absent, seen.presence.records);
    let note = format!("{}; {} is NULL on {} of them", holds(support, records), named(seen, b), count(absent));
    Some(suggestion(seen, "presence", rule, &[coded.column, b], support, note))
}

fn inside(seen: &Suggester, coded: &Coded, codes: &[usize]) -> Option<String> {
    member(seen, coded, codes, ("=", "IN"))
}

fn outside(seen: &Suggester, coded: &Coded, codes: &[usize]) -> Option<String> {
    member(seen, coded, codes, ("<>", "NOT IN"))
}

fn member(seen: &Suggester, coded: &Coded, codes: &[usize], (one, many): (&str, &str)) -> Option<String> {
    let mut values: Vec<&str> = codes.iter().filter_map(|code| coded.literals.get(*code)).map(String::as_str).collect();
    values.sort_unstable();
    let column = named(seen, coded.column);
    match values.as_slice() {
        [] => None,
        [value] => Some(format!("{column} {one} {value}")),
        values => Some(format!("{column} {many} ({})", values.join(", "))),
    }
}

/// Columns whose value another column's value gives.
pub fn dependencies(seen: &Suggester) -> Vec<Suggestion> {
    let all: Vec<&Dependency> = seen.codes.dependencies.iter().filter(|found| believed(seen, found)).collect();
    let holds = |from: usize, to: usize| all.iter().any(|found| (found.from, found.to) == (from, to));
    let mutual = |a: usize, b: usize| holds(a, b) && holds(b, a);
    // Of columns that give each other the first speaks for all.
    let first = |place: usize| !(0..place).any(|earlier| mutual(earlier, place));
    let new = |found: &&&Dependency| {
        let Dependency { from, to, .. } = ***found;
        let middle = |c: usize| c != from && c != to && first(c) && holds(from, c) && holds(c, to);
        first(from)
            && (if mutual(from, to) { from < to } else { first(to) })
            && (mutual(from, to) || !(0..seen.codes.coded.len()).any(middle))
    };
    all.iter().filter(new).filter_map(|found| dependency(seen, found, mutual(found.from, found.to))).collect()
}

/// Do values repeat so often that they would not always agree by chance? Columns that are equal or multiples say it better.
fn believed(seen: &Suggester, found: &Dependency) -> bool {
    let (Some(from), Some(to)) = (seen.codes.complete(found.from), seen.codes.complete(found.to)) else { return false };
    let groups = found.image.iter().flatten().count() as u64;
    let mut images: Vec<u8> = found.image.iter().flatten().copied().collect();
    images.sort_unstable();
    images.dedup();
    let total: u64 = to.counts.iter().sum();
    let agree: f64 = to.counts.iter().map(|n| share(*n, total).powi(2)).sum();
    let equal = |a: usize, b: usize| (a, b) == (from.column, to.column) || (b, a) == (from.column, to.column);
    let pairs = seen.pairs.pairs.iter().filter(|pair| pair.less + pair.greater == 0).map(|pair| (pair.a, pair.b));
    let said = pairs.chain(seen.pairs.twins.iter().map(|twin| (twin.a, twin.b))).any(|(a, b)| equal(a, b));
    let multiple = |formula: &super::formula::Formula| {
        formula.shape.operands().count() == 1 && formula.shape.operands().any(|a| equal(a, formula.result))
    };
    images.len() > 1
        && found.support >= ENOUGH
        && telling(found.support - groups.min(found.support), 1.0 - agree)
        && !said
        && !seen.formulas.iter().any(multiple)
}

fn dependency(seen: &Suggester, found: &Dependency, mutual: bool) -> Option<Suggestion> {
    let (from, to) = (seen.codes.complete(found.from)?, seen.codes.complete(found.to)?);
    let (a, b) = (named(seen, from.column), named(seen, to.column));
    let groups = found.image.iter().flatten().count();
    let reverse = if mutual { ", and the reverse" } else { "" };
    let base = holds(found.support, seen.presence.records);
    let mut note = format!("{base}; {groups} values of {a} each go with one of {b}{reverse}");
    let mut rule = String::new();
    if groups <= LISTED {
        let literal = |coded: &Coded, code: usize| coded.literals.get(code).cloned();
        let images = found.image.iter().enumerate();
        let pair =
            |(code, image): (usize, &Option<u8>)| Some((literal(from, code)?, literal(to, usize::from((*image)?))?));
        let mut pairs: Vec<_> = images.filter_map(pair).collect();
        pairs.sort();
        let cases: Vec<_> = pairs.iter().map(|(value, image)| format!("WHEN {value} THEN {b} = {image}")).collect();
        rule = format!("CASE {a} {} END", cases.join(" "));
    } else {
        note.push_str("; not a rule of one record");
    }
    let kind = if rule.is_empty() { "dependency" } else { "mapping" };
    Some(suggestion(seen, kind, rule, &[from.column, to.column], found.support, note))
}
