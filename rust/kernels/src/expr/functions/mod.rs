//! The table of functions, one room a family.

mod conditional;
#[cfg(test)]
mod harness;
mod hash;
mod numeric;
mod numeric_infer;
mod real;
mod rounding;
mod rounding_double;
mod support;
mod temporal;
#[cfg(test)]
mod tests_hash;
#[cfg(test)]
mod tests_numeric;
#[cfg(test)]
mod tests_rounding;

use super::function::Function;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Every function, family by family.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [
        conditional::FUNCTIONS,
        hash::FUNCTIONS,
        numeric::FUNCTIONS,
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
