//! The functions that a policy can allow: each a pure function of its arguments, or an aggregate or window function of rows.
//!
//! What is not here cannot be allowed: nothing that reads files, the catalogue, the session, the clock or chance, and nothing whose
//! result can be made large by one argument.

use crate::dialect::Dialect;

/// Where a function may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Of one row.
    Scalar,
    /// Of one row; its first or second argument is a time, which SQLite reads by the clock if it is `now` or absent.
    Clock(usize),
    /// Of many rows, with DISTINCT, FILTER and OVER.
    Aggregate,
    /// Of many rows WITHIN GROUP.
    Ordered,
    /// Of a window.
    Window,
}

const D: u8 = 1;
const P: u8 = 2;
const S: u8 = 4;
const G: u8 = 8;
const ALL: u8 = D | P | S | G;

const TABLE: &[(&str, Kind, u8)] = &[
    // Aggregates
    ("count", Kind::Aggregate, ALL),
    ("sum", Kind::Aggregate, ALL),
    ("avg", Kind::Aggregate, ALL),
    ("min", Kind::Aggregate, ALL),
    ("max", Kind::Aggregate, ALL),
    ("total", Kind::Aggregate, S),
    ("group_concat", Kind::Aggregate, S),
    ("string_agg", Kind::Aggregate, D | P | S),
    ("array_agg", Kind::Aggregate, D | P),
    ("list", Kind::Aggregate, D),
    ("stddev", Kind::Aggregate, D | P | G),
    ("stddev_pop", Kind::Aggregate, D | P | G),
    ("stddev_samp", Kind::Aggregate, D | P | G),
    ("variance", Kind::Aggregate, D | P | G),
    ("var_pop", Kind::Aggregate, D | P | G),
    ("var_samp", Kind::Aggregate, D | P | G),
    ("corr", Kind::Aggregate, D | P | G),
    ("covar_pop", Kind::Aggregate, D | P | G),
    ("covar_samp", Kind::Aggregate, D | P | G),
    ("bool_and", Kind::Aggregate, D | P),
    ("bool_or", Kind::Aggregate, D | P),
    ("every", Kind::Aggregate, P | G),
    ("any_value", Kind::Aggregate, D | P | G),
    ("first", Kind::Aggregate, D),
    ("last", Kind::Aggregate, D),
    ("arg_max", Kind::Aggregate, D),
    ("arg_min", Kind::Aggregate, D),
    ("max_by", Kind::Aggregate, D),
    ("min_by", Kind::Aggregate, D),
    ("median", Kind::Aggregate, D),
    ("mode", Kind::Aggregate, D),
    ("quantile", Kind::Aggregate, D),
    ("quantile_cont", Kind::Aggregate, D),
    ("quantile_disc", Kind::Aggregate, D),
    ("approx_count_distinct", Kind::Aggregate, D),
    ("count_if", Kind::Aggregate, D),
    ("product", Kind::Aggregate, D),
    ("percentile_cont", Kind::Ordered, D | P | G),
    ("percentile_disc", Kind::Ordered, D | P | G),
    ("mode", Kind::Ordered, P),
    // Windows
    ("row_number", Kind::Window, ALL),
    ("rank", Kind::Window, ALL),
    ("dense_rank", Kind::Window, ALL),
    ("percent_rank", Kind::Window, ALL),
    ("cume_dist", Kind::Window, ALL),
    ("ntile", Kind::Window, ALL),
    ("lag", Kind::Window, ALL),
    ("lead", Kind::Window, ALL),
    ("first_value", Kind::Window, ALL),
    ("last_value", Kind::Window, ALL),
    ("nth_value", Kind::Window, ALL),
    // Conditions
    ("coalesce", Kind::Scalar, ALL),
    ("nullif", Kind::Scalar, ALL),
    ("ifnull", Kind::Scalar, D | S),
    ("iif", Kind::Scalar, S),
    ("greatest", Kind::Scalar, D | P | G),
    ("least", Kind::Scalar, D | P | G),
    // Numbers
    ("abs", Kind::Scalar, ALL),
    ("round", Kind::Scalar, ALL),
    ("sign", Kind::Scalar, ALL),
    ("ceil", Kind::Scalar, ALL),
    ("ceiling", Kind::Scalar, ALL),
    ("floor", Kind::Scalar, ALL),
    ("trunc", Kind::Scalar, ALL),
    ("mod", Kind::Scalar, ALL),
    ("sqrt", Kind::Scalar, ALL),
    ("power", Kind::Scalar, ALL),
    ("pow", Kind::Scalar, D | P | S),
    ("exp", Kind::Scalar, ALL),
    ("ln", Kind::Scalar, ALL),
    ("log", Kind::Scalar, ALL),
    ("log10", Kind::Scalar, ALL),
    ("log2", Kind::Scalar, D | S),
    ("width_bucket", Kind::Scalar, P),
    // Texts
    ("lower", Kind::Scalar, ALL),
    ("upper", Kind::Scalar, ALL),
    ("length", Kind::Scalar, ALL),
    ("char_length", Kind::Scalar, P | G),
    ("trim", Kind::Scalar, ALL),
    ("ltrim", Kind::Scalar, ALL),
    ("rtrim", Kind::Scalar, ALL),
    ("btrim", Kind::Scalar, P),
    ("substr", Kind::Scalar, ALL),
    ("substring", Kind::Scalar, ALL),
    ("left", Kind::Scalar, D | P),
    ("right", Kind::Scalar, D | P),
    ("position", Kind::Scalar, D | P | G),
    ("strpos", Kind::Scalar, D | P),
    ("instr", Kind::Scalar, D | S),
    ("replace", Kind::Scalar, ALL),
    ("reverse", Kind::Scalar, D | P),
    ("initcap", Kind::Scalar, P),
    ("concat", Kind::Scalar, ALL),
    ("concat_ws", Kind::Scalar, ALL),
    ("split_part", Kind::Scalar, D | P),
    ("contains", Kind::Scalar, D),
    ("starts_with", Kind::Scalar, D | P),
    ("ends_with", Kind::Scalar, D),
    ("regexp_matches", Kind::Scalar, D),
    ("regexp_extract", Kind::Scalar, D),
    ("regexp_replace", Kind::Scalar, D),
    // Times
    ("extract", Kind::Scalar, D | P | G),
    ("date_trunc", Kind::Scalar, D | P),
    ("date_part", Kind::Scalar, D | P),
    ("date_diff", Kind::Scalar, D),
    ("datediff", Kind::Scalar, D),
    ("date_add", Kind::Scalar, D),
    ("make_date", Kind::Scalar, D | P),
    ("make_timestamp", Kind::Scalar, D | P),
    ("last_day", Kind::Scalar, D),
    ("year", Kind::Scalar, D),
    ("quarter", Kind::Scalar, D),
    ("month", Kind::Scalar, D),
    ("week", Kind::Scalar, D),
    ("day", Kind::Scalar, D),
    ("hour", Kind::Scalar, D),
    ("minute", Kind::Scalar, D),
    ("second", Kind::Scalar, D),
    ("dayofweek", Kind::Scalar, D),
    ("dayofyear", Kind::Scalar, D),
    ("dayname", Kind::Scalar, D),
    ("monthname", Kind::Scalar, D),
    ("epoch", Kind::Scalar, D),
    ("strptime", Kind::Scalar, D),
    ("strftime", Kind::Scalar, D),
    ("to_char", Kind::Scalar, P),
    ("to_date", Kind::Scalar, P),
    ("to_timestamp", Kind::Scalar, P),
    ("strftime", Kind::Clock(1), S),
    ("date", Kind::Clock(0), S),
    ("time", Kind::Clock(0), S),
    ("datetime", Kind::Clock(0), S),
    ("julianday", Kind::Clock(0), S),
    ("unixepoch", Kind::Clock(0), S),
];

/// The known function of this name in any case, if the dialect has it.
pub(crate) fn find(dialect: Dialect, name: &str) -> Option<(&'static str, Kind)> {
    let bit = match dialect {
        Dialect::Duckdb => D,
        Dialect::Postgresql => P,
        Dialect::Sqlite => S,
        Dialect::Generic => G,
    };
    TABLE
        .iter()
        .find(|(known, _, dialects)| dialects & bit != 0 && known.eq_ignore_ascii_case(name))
        .map(|(known, kind, _)| (*known, *kind))
}

/// Names of the functions that a policy of the dialect can allow.
pub fn known_functions(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name).filter(move |name| find(dialect, name).is_some())
}
