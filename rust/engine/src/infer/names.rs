//! What a column's name suggests.

/// Values needed before a range is believed without the name saying so.
const ENOUGH: u64 = 50;

/// A range that comes from what is counted, not from the data.
pub struct Natural {
    pub low: i64,
    pub high: i64,
    /// What it is called.
    pub what: &'static str,
}

const fn natural(low: i64, high: i64, what: &'static str) -> Natural {
    Natural { low, high, what }
}

const MONTHS: Natural = natural(1, 12, "months of a year");
const HOURS: Natural = natural(0, 23, "hours of a day");
const MINUTES: Natural = natural(0, 59, "minutes of an hour");
const DAYS: Natural = natural(1, 31, "days of a month");

/// By the last word of the name.
const NAMED: &[(&[&str], Natural)] = &[
    (&["month"], MONTHS),
    (&["hour"], HOURS),
    (&["minute"], MINUTES),
    (&["second"], natural(0, 59, "seconds of a minute")),
    (&["day"], DAYS),
    (&["weekday", "dow"], natural(0, 7, "days of a week")),
    (&["yday", "doy"], natural(1, 366, "days of a year")),
    (&["week"], natural(0, 53, "weeks of a year")),
    (&["quarter"], natural(1, 4, "quarters of a year")),
    (&["latitude", "lat"], natural(-90, 90, "degrees of latitude")),
    (&["longitude", "lon", "lng"], natural(-180, 180, "degrees of longitude")),
    (&["percent", "percentage", "pct"], natural(0, 100, "percent")),
    (&["probability"], natural(0, 1, "a probability")),
];

/// Believed when both ends are met.
const MET: &[Natural] = &[MONTHS, HOURS, MINUTES, DAYS];

const KEYS: &[&str] = &["id", "key", "code", "uuid", "guid", "pk", "no", "nr", "number", "sku"];

/// The natural range that values from `low` to `high` are likely of.
pub fn range(name: &str, low: f64, high: f64, values: u64, whole: bool) -> Option<&'static Natural> {
    let holds = |natural: &&Natural| natural.low as f64 <= low && high <= natural.high as f64;
    let last = words(name).pop().unwrap_or_default();
    let named = NAMED.iter().find(|(words, _)| words.contains(&last.as_str())).map(|(_, natural)| natural);
    let met = |natural: &&Natural| (natural.low as f64, natural.high as f64) == (low, high);
    named.filter(holds).or_else(|| MET.iter().find(met).filter(|_| whole && values >= ENOUGH))
}

/// Is it called like a key?
pub fn is_key(name: &str) -> bool {
    words(name).pop().is_some_and(|last| KEYS.contains(&last.as_str()))
}

/// The words of `dep_time`, `depTime` or `Dep Time`, in lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (lower && c.is_uppercase()) {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        lower = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_count() {
        assert!(is_key("order_id") && is_key("orderId") && is_key("ID") && is_key("Order No."));
        assert!(!is_key("paid") && !is_key("id_type") && !is_key("") && !is_key("grid"));
    }

    #[test]
    fn a_range_needs_a_name_or_both_ends() {
        let found =
            |name, low, high, values| range(name, low, high, values, true).map(|natural| (natural.low, natural.high));
        assert_eq!(found("month", 3.0, 4.0, 2), Some((1, 12)));
        assert_eq!(found("month", 0.0, 11.0, 2), None);
        assert_eq!(found("m", 1.0, 12.0, 50), Some((1, 12)));
        assert_eq!(found("m", 1.0, 12.0, 49), None);
        assert_eq!(found("m", 2.0, 12.0, 500), None);
        assert_eq!(range("m", 1.0, 12.0, 50, false).map(|natural| natural.low), None);
    }
}
