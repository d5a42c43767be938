//! The table of functions, one room a family.

mod conditional;
#[cfg(test)]
mod harness;
mod hash;
mod lengths;
pub mod like;
mod list;
pub mod list_equal;
mod list_fold;
mod list_make;
mod numeric;
mod numeric_infer;
pub mod pattern;
mod real;
mod regexp;
mod rounding;
mod rounding_double;
mod support;
mod temporal;
#[cfg(test)]
mod tests_hash;
#[cfg(test)]
mod tests_list;
#[cfg(test)]
mod tests_numeric;
#[cfg(test)]
mod tests_pattern;
#[cfg(test)]
mod tests_ranges;
#[cfg(test)]
mod tests_rounding;
#[cfg(test)]
mod tests_text;
mod text;
mod text_edit;
mod text_join;
mod text_parts;

use super::function::Function;
use std::collections::HashMap;
use std::sync::LazyLock;

pub(in crate::expr) use rounding_double::round as round_double;

/// Every function, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        conditional::FUNCTIONS,
        hash::FUNCTIONS,
        list::FUNCTIONS,
        list_fold::FUNCTIONS,
        list_make::FUNCTIONS,
        numeric::FUNCTIONS,
        pattern::FUNCTIONS,
        real::FUNCTIONS,
        rounding::FUNCTIONS,
        temporal::PARTS,
        temporal::TRUNC,
        temporal::DIFF,
        temporal::BUILD,
        temporal::EPOCH,
        temporal::NAMES,
        temporal::ZONE,
        temporal::FORMAT,
        temporal::STRPTIME,
        text::FUNCTIONS,
        text_edit::FUNCTIONS,
        text_join::FUNCTIONS,
        text_parts::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The function of a name or alias, in any case.
pub fn find(name: &str) -> Option<&'static Function> {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> = LazyLock::new(|| {
        let names = |function: &'static Function| {
            std::iter::once(function.name).chain(function.aliases.iter().copied()).map(move |name| (name, function))
        };
        all().flat_map(names).collect()
    });
    BY_NAME.get(name.to_ascii_lowercase().as_str()).copied()
}
