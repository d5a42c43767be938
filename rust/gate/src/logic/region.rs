//! Sets of values of one column: members or an interval, without exceptions.

use crate::json::Json;
use crate::number::Number;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A value that conditions compare with.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Value {
    Number(Number),
    Text(String),
    Bool(bool),
}

impl Value {
    /// The same text for equal values, another for others.
    pub fn key(&self) -> String {
        match self {
            Value::Number(number) => {
                let (mantissa, exponent) = number.parts();
                format!("n{mantissa}e{exponent}")
            }
            Value::Text(text) => format!("t{text}"),
            Value::Bool(value) => format!("b{value}"),
        }
    }

    /// As JSON.
    pub fn json(&self) -> Json {
        match self {
            Value::Number(number) => Json::Number(number.clone()),
            Value::Text(text) => Json::Text(text.clone().into()),
            Value::Bool(value) => Json::Bool(*value),
        }
    }
}

/// An end of an interval; open ends do not belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct End {
    /// Where.
    pub at: Number,
    /// Does it not belong to the interval?
    pub open: bool,
}

/// A set of values that are not NULL.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Region {
    /// None but these, by key; any if none.
    pub members: Option<BTreeMap<String, Value>>,
    /// Numbers from here.
    pub low: Option<End>,
    /// Numbers to here.
    pub high: Option<End>,
    /// Not these.
    pub except: BTreeMap<String, Value>,
    /// Whole numbers only.
    pub whole: bool,
}

impl Region {
    /// These values.
    pub fn of(values: impl IntoIterator<Item = Value>) -> Region {
        let members = values.into_iter().map(|value| (value.key(), value)).collect();
        Region { members: Some(members), ..Region::default() }
    }

    /// All values but these.
    pub fn without(values: impl IntoIterator<Item = Value>) -> Region {
        let except = values.into_iter().map(|value| (value.key(), value)).collect();
        Region { except, ..Region::default() }
    }

    /// Numbers from an end on.
    pub fn from(at: Number, open: bool) -> Region {
        Region { low: Some(End { at, open }), ..Region::default() }
    }

    /// Numbers up to an end.
    pub fn to(at: Number, open: bool) -> Region {
        Region { high: Some(End { at, open }), ..Region::default() }
    }

    /// Is the value in it?
    pub fn contains(&self, value: &Value) -> bool {
        let key = value.key();
        if self.members.as_ref().is_some_and(|members| !members.contains_key(&key)) || self.except.contains_key(&key) {
            return false;
        }
        match value {
            Value::Number(number) => {
                let above =
                    self.low.as_ref().is_none_or(|low| holds(number.order(&low.at), Ordering::Greater, low.open));
                let below =
                    self.high.as_ref().is_none_or(|high| holds(number.order(&high.at), Ordering::Less, high.open));
                above && below && (!self.whole || number.is_integer())
            }
            _ => self.low.is_none() && self.high.is_none() && !self.whole,
        }
    }

    /// What is in both.
    #[must_use]
    pub fn meet(&self, other: &Region) -> Region {
        let members = match (&self.members, &other.members) {
            (Some(a), Some(b)) => {
                let both = a.iter().filter(|(key, _)| b.contains_key(*key));
                Some(both.map(|(key, value)| (key.clone(), value.clone())).collect())
            }
            (Some(members), None) | (None, Some(members)) => Some(members.clone()),
            (None, None) => None,
        };
        let mut except = self.except.clone();
        except.extend(other.except.iter().map(|(key, value)| (key.clone(), value.clone())));
        let mut out = Region {
            members: None,
            low: tighter(&self.low, &other.low, Ordering::Greater),
            high: tighter(&self.high, &other.high, Ordering::Less),
            except,
            whole: self.whole || other.whole,
        };
        if let Some(members) = members {
            let kept = members.into_iter().filter(|(_, value)| out.contains(value)).collect();
            out.members = Some(kept);
        }
        out
    }

    /// Is nothing in it? False where that is not proved.
    pub fn is_empty(&self) -> bool {
        if let Some(members) = &self.members {
            return !members.values().any(|value| self.contains(value));
        }
        let (Some(low), Some(high)) = (&self.low, &self.high) else { return false };
        match low.at.order(&high.at) {
            Ordering::Greater => true,
            Ordering::Equal => {
                let only = Value::Number(low.at.clone());
                low.open || high.open || !self.contains(&only)
            }
            Ordering::Less => self.whole && no_integer(low, high),
        }
    }

    /// Is all of it in the other? False where that is not proved.
    pub fn within(&self, other: &Region) -> bool {
        if self.is_empty() {
            return true;
        }
        if let Some(members) = &self.members {
            return members.values().filter(|value| self.contains(value)).all(|value| other.contains(value));
        }
        if let (Some(low), Some(high)) = (&self.low, &self.high)
            && low.at.equals(&high.at)
        {
            return other.contains(&Value::Number(low.at.clone()));
        }
        other.members.is_none()
            && (self.whole || !other.whole)
            && covers(&other.low, &self.low, Ordering::Less)
            && covers(&other.high, &self.high, Ordering::Greater)
            && other.except.values().all(|value| !self.contains(value))
    }
}

fn holds(order: Ordering, wanted: Ordering, open: bool) -> bool {
    order == wanted || (!open && order == Ordering::Equal)
}

/// The end that leaves less: the greater of two low ends, the lesser of two high ones.
fn tighter(a: &Option<End>, b: &Option<End>, wanted: Ordering) -> Option<End> {
    match (a, b) {
        (Some(x), Some(y)) => {
            let order = x.at.order(&y.at);
            let first = order == wanted || (order == Ordering::Equal && x.open);
            Some(if first { x.clone() } else { y.clone() })
        }
        (Some(end), None) | (None, Some(end)) => Some(end.clone()),
        (None, None) => None,
    }
}

/// Does the outer end leave everything that the inner one leaves?
fn covers(outer: &Option<End>, inner: &Option<End>, beyond: Ordering) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => {
            let order = outer.at.order(&inner.at);
            order == beyond || (order == Ordering::Equal && (!outer.open || inner.open))
        }
    }
}

/// Does no whole number lie between two ends? False where the ends are too far out to tell.
fn no_integer(low: &End, high: &End) -> bool {
    let (Some((below, least)), Some((most, whole))) = (floor(&low.at), floor(&high.at)) else { return false };
    let first = if least && !low.open { Some(below) } else { below.checked_add(1) };
    let last = if whole && high.open { most.checked_sub(1) } else { Some(most) };
    first.zip(last).is_some_and(|(first, last)| first > last)
}

/// The greatest whole number up to this one, and whether they are equal.
fn floor(number: &Number) -> Option<(i128, bool)> {
    if number.is_integer() {
        return Some((number.at_scale(0)?, true));
    }
    let (mantissa, exponent) = number.parts();
    let power = 10_i128.checked_pow(u32::try_from(exponent.checked_neg()?).ok()?)?;
    Some((mantissa.checked_div_euclid(power)?, false))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    fn numbers(texts: &[&str]) -> Region {
        Region::of(texts.iter().map(|text| Value::Number(number(text))))
    }

    fn between(low: &str, high: &str) -> Region {
        Region::from(number(low), false).meet(&Region::to(number(high), false))
    }

    #[test]
    fn intervals_lie_in_each_other() {
        let hundred = Region::to(number("100"), false);
        let below = Region::to(number("100.00"), true);
        assert!(below.within(&hundred) && !hundred.within(&below));
        assert!(hundred.within(&Region::to(number("500"), false)));
        assert!(!Region::to(number("500"), false).within(&hundred));
        assert!(between("1", "2").within(&hundred) && !hundred.within(&between("1", "2")));
        assert!(numbers(&["1", "2.50"]).within(&between("1.0", "2.5")));
        assert!(!numbers(&["1", "2.51"]).within(&between("1.0", "2.5")));
        assert!(between("3", "3").within(&numbers(&["3.0", "4"])));
        assert!(!between("3", "4").within(&numbers(&["3", "4"])));
    }

    #[test]
    fn emptiness_is_exact_at_the_ends() {
        assert!(between("2", "1").is_empty() && !between("1", "1").is_empty());
        let open = Region::from(number("1"), true);
        assert!(open.meet(&Region::to(number("1"), false)).is_empty());
        assert!(!open.meet(&Region::to(number("1.000000001"), false)).is_empty());
        let whole = Region { whole: true, ..Region::default() };
        assert!(open.meet(&Region::to(number("2"), true)).meet(&whole).is_empty());
        assert!(!open.meet(&Region::to(number("2"), false)).meet(&whole).is_empty());
        assert!(between("-0.9", "-0.1").meet(&whole).is_empty() && !between("-1.1", "-0.1").meet(&whole).is_empty());
        assert!(numbers(&["1", "2"]).meet(&numbers(&["3"])).is_empty());
        assert!(between("1", "1").meet(&Region::without([Value::Number(number("1.0"))])).is_empty());
    }

    #[test]
    fn texts_have_members_only() {
        let text = |text: &str| Value::Text(text.to_owned());
        let some = Region::of([text("a"), text("b")]);
        assert!(some.within(&Region::without([text("c")])) && !some.within(&Region::without([text("b")])));
        assert!(some.within(&Region::of([text("a"), text("b"), text("c")])));
        assert!(!Region::default().within(&some) && some.within(&Region::default()));
        assert!(!Region::without([text("c")]).within(&some));
    }
}
