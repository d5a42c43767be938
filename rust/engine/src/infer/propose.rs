//! From what was seen to clauses that hold, and notes for whoever decides about the rest.

use super::names;
use super::profile::{MAX_NESTING, Profile, Shape};
use super::range::{Ends, Reals};
use super::text::{Counts, Texts};
use super::yaml::{count, scalar, shown};
use crate::contract::LogicalType;
use crate::plan::types;
use arrow_buffer::i256;
use arrow_schema::DataType;
use std::collections::HashSet;

/// A set of values is proposed when each was seen this often.
const OFTEN: u64 = 10;
/// A pattern is proposed when this many values match.
const MATCHES: u64 = 50;
/// Longest text that a pattern of one class of characters is proposed for.
const CODE: u64 = 32;
/// Values named in a note.
const NAMED: usize = 6;

/// What is proposed for a property.
#[derive(Default)]
pub struct Proposal {
    /// None where the standard has no type for it.
    pub logical: Option<&'static str>,
    /// Evidence, and what is left to decide.
    pub notes: Vec<String>,
    /// No NULL was seen.
    pub required: bool,
    /// `logicalTypeOptions` as YAML.
    pub options: Vec<(&'static str, String)>,
    /// Their evidence.
    pub options_notes: Vec<String>,
    /// The only values seen, sorted.
    pub valid: Vec<String>,
    /// Their evidence.
    pub valid_notes: Vec<String>,
    /// NaN or infinities were seen: how many.
    pub non_finite: Vec<String>,
    /// The nested profiles can be described.
    pub describes_nested: bool,
}

/// What to propose for values called `name`.
pub fn propose(name: &str, profile: &Profile) -> Proposal {
    let mut draft = Proposal {
        logical: logical(&profile.data_type).filter(|_| !matches!(profile.shape, Shape::Untyped)),
        required: profile.values > 0 && profile.nulls == 0,
        ..Proposal::default()
    };
    match typeless(&profile.data_type).filter(|_| draft.logical.is_none()) {
        Some(_) if matches!(profile.shape, Shape::Untyped) && profile.present() > 0 => {
            draft.notes.push("no one type reads these values".to_owned());
        }
        Some(_) if matches!(profile.shape, Shape::Untyped) => {}
        Some(kind) => draft.notes.push(format!("{kind} have no logical type in ODCS 3.1")),
        None => {}
    }
    match (profile.values, profile.nulls) {
        (0, _) => draft.notes.push("no values seen".to_owned()),
        (values, nulls) if values == nulls => draft.notes.push("only NULL seen".to_owned()),
        (_, 0) => {}
        (values, nulls) => draft.notes.push(format!("{} of {} NULL", count(nulls), count(values))),
    }
    draft.shape(name, profile);
    draft
}

/// The first logical type of ODCS 3.1 that admits the type.
fn logical(data_type: &DataType) -> Option<&'static str> {
    use LogicalType::{Array, Boolean, Date, Integer, Number, Object, String, Time, Timestamp};
    let all = [Integer, Number, Boolean, Date, Timestamp, Time, String, Array, Object];
    let fits = |logical: &LogicalType| !data_type.is_null() && types::admits(*logical, data_type, true);
    all.into_iter().find(fits).map(LogicalType::name)
}

fn typeless(data_type: &DataType) -> Option<&'static str> {
    Some(match data_type {
        DataType::Null => return None,
        DataType::Duration(_) => "durations",
        DataType::Interval(_) => "intervals",
        DataType::Union(..) => "unions",
        DataType::RunEndEncoded(..) => "run-end encoded values",
        _ => "values of this layout",
    })
}

/// `0 … 5`, or the one count that there is.
fn span(counts: Counts) -> Option<String> {
    let (low, high) = counts.ends()?;
    Some(if low == high { count(low) } else { format!("{} … {}", count(low), count(high)) })
}

impl Proposal {
    fn shape(&mut self, name: &str, profile: &Profile) {
        match &profile.shape {
            Shape::Exact(ends) => self.exact(name, ends, profile),
            Shape::Moment(ends) => self.moment(ends, &profile.data_type),
            Shape::Real(reals) => self.real(name, reals, profile),
            Shape::Truth(truths) if profile.present() > 0 => {
                let falses = profile.present() - truths;
                self.notes.push(format!("{} true, {} false", count(*truths), count(falses)));
            }
            Shape::Text(texts) => self.text(texts, profile.present()),
            Shape::Bytes(lengths) => {
                self.options.push(("format", "binary".to_owned()));
                self.options_notes.extend(span(*lengths).map(|span| format!("length {span} bytes")));
            }
            Shape::List(lengths, items) => self.list(*lengths, items, &profile.data_type),
            Shape::Map(sizes) => {
                self.notes.push("a map; ODCS 3.2 can describe its keys and values".to_owned());
                self.notes.extend(span(*sizes).map(|span| format!("{span} entries")));
            }
            Shape::Struct(fields) => self.fields(fields),
            Shape::Deep => self.notes.push(format!("nested deeper than {MAX_NESTING} levels: not described")),
            Shape::Truth(_) | Shape::Opaque | Shape::Untyped => {}
        }
    }

    fn exact(&mut self, name: &str, ends: &Ends<i256>, profile: &Profile) {
        let Some(((low, high), seen)) = ends.keys().zip(ends.shown()) else { return };
        let seen = format!("seen {seen}");
        let small = |end: i256| end.to_i128().and_then(|end| i32::try_from(end).ok()).map(f64::from);
        let ends = small(low).zip(small(high)).filter(|_| profile.data_type.is_integer());
        let natural = ends.and_then(|(low, high)| names::range(name, low, high, profile.present(), true));
        self.bounds(natural, low >= i256::ZERO, seen);
    }

    fn real(&mut self, name: &str, reals: &Reals, profile: &Profile) {
        let finite = reals.nan + reals.infinite == 0;
        for (number, what) in [(reals.nan, "NaN"), (reals.infinite, "infinite")] {
            if number > 0 {
                self.non_finite.push(format!("{} of {} {what}", count(number), count(profile.present())));
            }
        }
        let Some(((low, high), seen)) = reals.ends.keys().zip(reals.ends.shown()) else { return };
        let whole = if reals.whole { ", all whole" } else { "" };
        let seen = format!("seen {seen}{whole}");
        if finite {
            let natural = names::range(name, low, high, profile.present(), reals.whole);
            self.bounds(natural, low >= 0.0, seen);
        } else {
            // NaN satisfies no bound (S2.3), so none is proposed beside it.
            self.notes.push(seen);
        }
    }

    fn bounds(&mut self, natural: Option<&names::Natural>, positive: bool, seen: String) {
        if let Some(natural) = natural {
            self.options.push(("minimum", natural.low.to_string()));
            self.options.push(("maximum", natural.high.to_string()));
            self.options_notes.push(format!("{}: {seen}", natural.what));
        } else if positive {
            self.options.push(("minimum", "0".to_owned()));
            self.options_notes.push(seen);
        } else {
            self.notes.push(seen);
        }
    }

    fn moment(&mut self, ends: &Ends<i256>, data_type: &DataType) {
        self.notes.extend(ends.shown().map(|seen| format!("seen {seen}")));
        if let DataType::Timestamp(_, zone) = data_type {
            self.options.push(("timezone", zone.is_some().to_string()));
            self.options_notes.extend(zone.as_ref().map(|zone| format!("zone {}", shown(zone))));
        }
    }

    fn text(&mut self, texts: &Texts, present: u64) {
        self.notes.extend(span(texts.lengths).map(|span| format!("length {span}")));
        if texts.empty > 0 {
            self.notes.push(format!("{} empty", count(texts.empty)));
        }
        if texts.padded > 0 {
            self.notes.push(format!("{} with white space at an end", count(texts.padded)));
        }
        let mut few: Vec<(&str, u64)> =
            texts.few.iter().flatten().map(|(value, seen)| (value.as_str(), *seen)).collect();
        few.sort_unstable();
        let rarest = few.iter().map(|(_, seen)| *seen).min().unwrap_or(0);
        match few.as_slice() {
            [] => {}
            [(only, _)] if present > 1 => self.notes.push(format!("always {}", shown(only))),
            [_] => {}
            many if rarest >= OFTEN => {
                self.valid = many.iter().map(|(value, _)| scalar(value)).collect();
                let number = many.len();
                self.valid_notes
                    .push(format!("only {number} different values, each seen {} times or more", count(rarest)));
                return;
            }
            many if present > many.len() as u64 => self.notes.push(different(many)),
            _ => {}
        }
        self.code(texts, present);
    }

    /// Codes of one length and one class of characters.
    fn code(&mut self, texts: &Texts, present: u64) {
        let class = match (texts.upper, texts.digits) {
            (true, _) => "A-Z",
            (_, true) => "0-9",
            _ => return,
        };
        match texts.lengths.ends() {
            Some((low, high)) if low == high && (1..=CODE).contains(&low) && present >= MATCHES => {
                let times = if low == 1 { String::new() } else { format!("{{{low}}}") };
                self.options.push(("pattern", format!("\"^[{class}]{times}$\"")));
                self.options_notes.push(format!("matched by all {}", count(present)));
            }
            _ => {}
        }
    }

    fn list(&mut self, lengths: Counts, items: &Profile, data_type: &DataType) {
        if let DataType::FixedSizeList(_, size) = data_type
            && *size >= 0
        {
            self.options.push(("minItems", size.to_string()));
            self.options.push(("maxItems", size.to_string()));
            self.options_notes.push("a fixed size in the frame".to_owned());
        } else {
            self.notes.extend(span(lengths).map(|span| format!("{span} items")));
        }
        let typed = logical(&items.data_type).is_some() && !matches!(items.shape, Shape::Untyped);
        let known = typed || (items.values > 0 && items.nulls == 0);
        self.describes_nested = known;
        if !known {
            self.notes.push("nothing is known of the items".to_owned());
        }
    }

    fn fields(&mut self, fields: &[(String, Profile)]) {
        let mut seen = HashSet::new();
        let twice = fields.iter().find(|(name, _)| !seen.insert(name));
        self.describes_nested = twice.is_none() && !fields.is_empty();
        match twice {
            Some((name, _)) => self.notes.push(format!("more than one field is called {}: not described", shown(name))),
            None if fields.is_empty() => self.notes.push("no fields".to_owned()),
            None => {}
        }
    }
}

fn different(values: &[(&str, u64)]) -> String {
    let named: Vec<_> = values.iter().take(NAMED).map(|(value, _)| shown(value)).collect();
    let more = if values.len() > NAMED { ", …" } else { "" };
    format!("{} different values: {}{more}", values.len(), named.join(", "))
}
