//! The dialect: identifiers as DuckDB and PostgreSQL have them, nothing that only one vendor knows.

use sqlparser::dialect::{Dialect, DuckDbDialect};
use std::any::TypeId;

/// What the parser reads. Whatever more than the language it lets through is refused when the tree is lowered.
#[derive(Debug)]
pub struct GuardDialect;

impl Dialect for GuardDialect {
    // The parser asks for vendors in places where no question of its own exists, such as `//`.
    fn dialect(&self) -> TypeId {
        TypeId::of::<DuckDbDialect>()
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_'
    }

    fn identifier_quote_style(&self, _: &str) -> Option<char> {
        Some('"')
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn allow_extract_single_quotes(&self) -> bool {
        true
    }

    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    fn supports_array_typedef_with_brackets(&self) -> bool {
        true
    }
}
