//! What a column's name stands for.

use super::{Frame, Out, Walker};
use crate::build;
use crate::dialect::Dialect;
use crate::text::Finding;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{Expr, Ident};
use sqlparser::tokenizer::Span;

/// What a name was found to be.
struct Found {
    written: Expr,
    origins: Vec<u32>,
}

#[allow(clippy::large_enum_variant)]
enum Search {
    None,
    /// A source without known columns may have it.
    Perhaps,
    One(Found),
    Several,
}

impl Walker<'_> {
    /// Resolves `name` or `table.name` (or longer) in the innermost SELECT that has it, and writes it with its table.
    pub(super) fn column(&mut self, parts: &[Ident]) -> Option<Expr> {
        if !parts.iter().all(|part| self.plain(part)) {
            return None;
        }
        let (name, qualifier) = parts.split_last()?;
        for (depth, frame) in self.frames.iter().rev().enumerate() {
            match self.search(frame, qualifier, name) {
                Search::None => {}
                Search::Perhaps => return None,
                Search::Several => {
                    let message = format!("`{}` stands for several columns", written(parts));
                    self.deny(codes::COLUMN_AMBIGUOUS, message, name.span);
                    return None;
                }
                Search::One(found) => {
                    let written = if qualifier.is_empty() { self.outer(found.written, depth) } else { found.written };
                    self.correlated |= depth > 0;
                    self.log.extend(&found.origins);
                    return Some(written);
                }
            }
        }
        self.unknown(parts, name.span);
        None
    }

    /// A column of a query around this one, named without its table, stays so where a table in between has the same name: PostgreSQL
    /// looks for it there only. DuckDB and SQLite look on; DuckDB would take the bare name for an item's.
    fn outer(&self, written: Expr, depth: usize) -> Expr {
        if matches!(self.policy.dialect, Dialect::Duckdb | Dialect::Sqlite) {
            return written;
        }
        let Expr::CompoundIdentifier(parts) = &written else { return written };
        let [table, name] = parts.as_slice() else { return written };
        let mut between = self.frames.iter().rev().take(depth).flat_map(|frame| &frame.sources);
        match between.any(|source| self.policy.dialect.same(&source.alias, &table.value)) {
            true => Expr::Identifier(name.clone()),
            false => written,
        }
    }

    fn search(&self, frame: &Frame, qualifier: &[Ident], name: &Ident) -> Search {
        let dialect = self.policy.dialect;
        let mut found: Vec<Found> = Vec::new();
        let mut open = false;
        if qualifier.is_empty() {
            for merged in frame.merged.iter().filter(|merged| dialect.means(name, &merged.name)) {
                let written = Expr::Identifier(build::ident(&merged.name));
                found.push(Found { written, origins: merged_origins(frame, &merged.name, &merged.covers, dialect) });
            }
        }
        for (at, source) in frame.sources.iter().enumerate() {
            let named = match qualifier {
                [] => {
                    !frame.merged.iter().any(|merged| merged.covers.contains(&at) && dialect.means(name, &merged.name))
                }
                [table] => dialect.means(table, &source.alias),
                longer => {
                    longer.len() == source.path.len()
                        && longer.iter().zip(&source.path).all(|(a, b)| dialect.means(a, b))
                }
            };
            if !named {
                continue;
            }
            open |= source.open;
            for column in &source.columns {
                if let Some(own) = column.name.as_deref().filter(|own| dialect.means(name, own)) {
                    found.push(Found { written: build::column(&source.alias, own), origins: column.origins.clone() });
                }
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Search::One(one),
            (Some(_), false) => Search::Several,
            (None, _) if open => Search::Perhaps,
            (None, _) if qualifier.is_empty() => self.item(frame, name),
            (None, _) => Search::None,
        }
    }

    /// The item of the SELECT list of this name, where items may be named.
    fn item(&self, frame: &Frame, name: &Ident) -> Search {
        let mut alike = frame
            .aliases
            .iter()
            .filter(|item| item.name.as_deref().is_some_and(|own| self.policy.dialect.means(name, own)));
        match (alike.next(), alike.next()) {
            (None, _) => Search::None,
            (Some(item), None) => {
                let written = Expr::Identifier(build::ident(item.name.as_deref().unwrap_or_default()));
                Search::One(Found { written, origins: item.origins.clone() })
            }
            (Some(_), Some(_)) => Search::Several,
        }
    }

    /// An item of the SELECT list by its bare name, as ORDER BY prefers it. A name that the gate gave is none of the text's: a column
    /// that bears it comes first.
    pub(super) fn own_item(&mut self, name: &Ident) -> Option<Expr> {
        let frame = self.frames.last()?;
        let dialect = self.policy.dialect;
        let named = |out: &Out| out.name.as_deref().is_some_and(|own| dialect.means(name, own));
        let given = frame.aliases.iter().any(|item| !item.sure && named(item));
        if given && frame.sources.iter().any(|source| source.columns.iter().any(named)) {
            return None;
        }
        match self.item(frame, name) {
            Search::One(found) => {
                self.log.extend(&found.origins);
                Some(found.written)
            }
            Search::None | Search::Perhaps | Search::Several => None,
        }
    }

    fn unknown(&mut self, parts: &[Ident], place: Span) {
        let shown: Vec<String> = self
            .frames
            .last()
            .map(|frame| {
                frame
                    .sources
                    .iter()
                    .flat_map(|source| source.columns.iter().filter_map(|column| column.name.clone()))
                    .collect()
            })
            .unwrap_or_default();
        let message = format!("there is no column `{}` that this query may read", written(parts));
        let finding = Finding::new(codes::COLUMN_UNKNOWN, message, place);
        let list: Vec<String> = shown.iter().take(12).map(|name| format!("`{name}`")).collect();
        let more = if shown.len() > 12 { ", …" } else { "" };
        self.push(match list.is_empty() {
            true => finding.help("no relation is in reach here"),
            false => finding.help(format!("there are {}{more}", list.join(", "))),
        });
    }
}

pub(super) fn merged_origins(frame: &Frame, name: &str, covers: &[usize], dialect: Dialect) -> Vec<u32> {
    let sources = covers.iter().filter_map(|at| frame.sources.get(*at));
    let columns = sources.flat_map(|source| &source.columns);
    let own = columns.filter(|column| column.name.as_deref().is_some_and(|own| dialect.same(own, name)));
    crate::judge::distinct(own.flat_map(|column| column.origins.clone()).collect())
}

pub(super) fn written(parts: &[Ident]) -> String {
    parts.iter().map(Ident::to_string).collect::<Vec<_>>().join(".")
}
