//! The one table of codes. Docs pages, Python constants and `guard-nb codes` are generated from it.
//!
//! To add a code, add an entry to the table of its area; nothing else lists codes.

use serde::{Serialize, Serializer};

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// A contract's text.
    Contract,
    /// A value, row or key of the data.
    Data,
    /// A clause that could not be executed or decided.
    Plan,
    /// An expression: its text, or a record that it fails on.
    Expression,
    /// Bytes of a source.
    Ingest,
    /// Gate files, proposals and ledgers.
    Gate,
    /// A query of an agent, or the policy that judges it.
    Query,
    /// How the library was called.
    Usage,
}

/// One entry of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable name in kebab case.
    pub name: &'static str,
    /// Where it comes from.
    pub area: Area,
    /// One sentence: what happened.
    pub summary: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// A short example that fires it, for the docs page.
    pub example: &'static str,
}

/// A code of the table. Comparing and printing use its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code(pub &'static Entry);

impl Code {
    /// Stable name in kebab case.
    pub fn name(self) -> &'static str {
        self.0.name
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}

/// Declares the codes of one area and the slice that lists them.
macro_rules! codes {
    ($area:ident, $($konst:ident = $name:literal : $summary:literal ; help $help:literal ; example $example:literal)+) => {
        $(
            #[doc = $summary]
            pub const $konst: $crate::codes::Code = $crate::codes::Code(&$crate::codes::Entry {
                name: $name,
                area: $crate::codes::Area::$area,
                summary: $summary,
                help: $help,
                example: $example,
            });
        )+
        /// Every code of this area, in the order written.
        pub const ALL: &[$crate::codes::Code] = &[$($konst),+];
    };
}

pub mod contract;
pub mod data;
pub mod expression;
pub mod gate;
pub mod ingest;
pub mod plan;
pub mod query;
pub mod usage;

/// Every code, area by area.
pub fn all() -> impl Iterator<Item = Code> {
    [contract::ALL, data::ALL, plan::ALL, expression::ALL, ingest::ALL, gate::ALL, query::ALL, usage::ALL]
        .into_iter()
        .flatten()
        .copied()
}

/// The code of this name.
pub fn find(name: &str) -> Option<Code> {
    all().find(|code| code.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_meaning() {
        let mut names: Vec<_> = all().map(Code::name).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair.first() == pair.last()).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
