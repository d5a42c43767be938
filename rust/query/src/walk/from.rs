//! FROM: every relation is one of the policy's, and stands behind its columns and its predicate.

use super::{Frame, Merged, Out, Source, Walker};
use crate::build;
use crate::dialect::Dialect;
use crate::policy::{QueryPolicy, Relation};
use crate::predicate::INNER;
use crate::text::Finding;
use guard_verdict::codes::query as codes;
use sqlparser::ast::{
    Ident, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, Query, SetExpr, Spanned, TableAlias,
    TableAliasColumnDef, TableFactor, TableWithJoins,
};
use sqlparser::tokenizer::Span;

impl Walker<'_> {
    pub(super) fn from(&mut self, tables: &mut [TableWithJoins]) -> Frame {
        let mut frame = Frame::default();
        for (at, table) in tables.iter_mut().enumerate() {
            if at > 0 {
                self.count_join(table.span());
            }
            self.joined(table, &mut frame);
        }
        frame
    }

    fn count_join(&mut self, at: Span) {
        self.joins += 1;
        if self.joins == self.policy.limits.joins + 1 {
            let message = format!("the query has more than {} joins", self.policy.limits.joins);
            self.deny(codes::TOO_LARGE, message, at);
        }
    }

    fn joined(&mut self, table: &mut TableWithJoins, frame: &mut Frame) {
        let start = frame.sources.len();
        self.factor(&mut table.relation, frame);
        for join in &mut table.joins {
            let Join { relation, global, join_operator } = join;
            let at = relation.span();
            self.count_join(at);
            let middle = frame.sources.len();
            self.factor(relation, frame);
            if *global {
                self.deny(codes::CLAUSE, "a GLOBAL join cannot be used in a query", at);
            }
            match join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::Left(constraint)
                | JoinOperator::LeftOuter(constraint)
                | JoinOperator::Right(constraint)
                | JoinOperator::RightOuter(constraint)
                | JoinOperator::FullOuter(constraint) => {
                    self.conditional(constraint, at);
                    self.constraint(constraint, frame, start, middle, at);
                }
                JoinOperator::CrossJoin(constraint) => self.constraint(constraint, frame, start, middle, at),
                JoinOperator::Semi(_)
                | JoinOperator::LeftSemi(_)
                | JoinOperator::RightSemi(_)
                | JoinOperator::Anti(_)
                | JoinOperator::LeftAnti(_)
                | JoinOperator::RightAnti(_)
                | JoinOperator::CrossApply
                | JoinOperator::OuterApply
                | JoinOperator::AsOf { .. }
                | JoinOperator::StraightJoin(_)
                | JoinOperator::ArrayJoin
                | JoinOperator::LeftArrayJoin
                | JoinOperator::InnerArrayJoin => {
                    self.deny(codes::CLAUSE, "this kind of join cannot be used in a query", at);
                }
            }
        }
    }

    /// A join demands ON or USING everywhere but in SQLite.
    fn conditional(&mut self, constraint: &JoinConstraint, at: Span) {
        if *constraint == JoinConstraint::None && self.policy.dialect != Dialect::Sqlite {
            let message = "a JOIN without condition cannot be used in this dialect";
            let help = "write `ON …` or `USING (…)` behind it, or CROSS JOIN";
            self.push(Finding::new(codes::CLAUSE, message, at).help(help));
        }
    }

    fn constraint(
        &mut self,
        constraint: &mut JoinConstraint,
        frame: &mut Frame,
        start: usize,
        middle: usize,
        at: Span,
    ) {
        match constraint {
            JoinConstraint::None => {}
            JoinConstraint::Natural => {
                self.deny(codes::CLAUSE, "NATURAL cannot be used in a query; write USING with the columns", at);
            }
            JoinConstraint::On(expr) => {
                self.frames.push(std::mem::take(frame));
                self.expr(expr);
                *frame = self.frames.pop().unwrap_or_default();
            }
            JoinConstraint::Using(names) => {
                for name in names {
                    match name.0.as_slice() {
                        [ObjectNamePart::Identifier(column)] => {
                            let column = column.clone();
                            if let Some(found) = self.using(&column, frame, start, middle) {
                                *name = build::object(&[found]);
                            }
                        }
                        _ => self.deny(codes::NAME, format!("USING goes with bare names, not `{name}`"), name.span()),
                    }
                }
            }
        }
    }

    /// One column of USING: it must stand once on each side.
    fn using(&mut self, name: &Ident, frame: &mut Frame, start: usize, middle: usize) -> Option<String> {
        if !self.plain(name) {
            return None;
        }
        let dialect = self.policy.dialect;
        let having = |sources: &[Source], first: usize| -> Vec<(usize, String, Vec<u32>)> {
            let all = sources
                .iter()
                .enumerate()
                .flat_map(|(at, source)| source.columns.iter().map(move |column| (at + first, column)));
            let named = all.filter_map(|(at, column)| Some((at, column.name.clone()?, column.origins.clone())));
            named.filter(|(_, own, _)| dialect.means(name, own)).collect()
        };
        let left = having(frame.sources.get(start..middle).unwrap_or_default(), start);
        let right = having(frame.sources.get(middle..).unwrap_or_default(), middle);
        let merged = frame.merged.iter().position(|merged| dialect.means(name, &merged.name));
        let covered = |at: usize| {
            merged.and_then(|merged| frame.merged.get(merged)).is_some_and(|merged| merged.covers.contains(&at))
        };
        let bare = left.iter().filter(|(at, ..)| !covered(*at)).count();
        let sides = bare + usize::from(left.iter().any(|(at, ..)| covered(*at)));
        let ([(position, own, origins)], 1) = (right.as_slice(), sides) else {
            let several = right.len() > 1 || sides > 1;
            let open = frame.sources.iter().any(|source| source.open);
            let (code, what) = match several {
                true => (codes::COLUMN_AMBIGUOUS, "several times on a side"),
                false => (codes::COLUMN_UNKNOWN, "not on both sides"),
            };
            if several || !open {
                self.deny(code, format!("`{name}` of USING stands {what} of the join"), name.span);
            }
            return None;
        };
        self.log.extend(origins);
        left.iter().for_each(|(_, _, origins)| self.log.extend(origins));
        let covers = left.iter().map(|(at, ..)| *at).chain([*position]);
        match merged.and_then(|merged| frame.merged.get_mut(merged)) {
            Some(merged) if bare == 0 => merged.covers.push(*position),
            _ => frame.merged.push(Merged { name: own.clone(), covers: covers.collect() }),
        }
        Some(own.clone())
    }

    fn factor(&mut self, factor: &mut TableFactor, frame: &mut Frame) {
        let at = factor.span();
        match factor {
            TableFactor::Table { .. } => self.table(factor, at, frame),
            TableFactor::Derived { lateral, subquery, alias, sample } => {
                if sample.is_some() {
                    self.deny(codes::CLAUSE, "samples cannot be used in a query", at);
                }
                self.derived(*lateral, subquery, alias, at, frame);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                if alias.is_some() {
                    self.deny(codes::CLAUSE, "a join in parentheses cannot have a name here", at);
                }
                self.joined(table_with_joins, frame);
            }
            TableFactor::TableFunction { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::UNNEST { alias, .. }
            | TableFactor::JsonTable { alias, .. }
            | TableFactor::OpenJsonTable { alias, .. }
            | TableFactor::XmlTable { alias, .. }
            | TableFactor::SemanticView { alias, .. } => {
                let message = "a function stands where a relation is expected";
                self.unresolved(codes::TABLE_FUNCTION, message.to_owned(), alias.as_ref(), at, frame);
            }
            TableFactor::Pivot { alias, .. }
            | TableFactor::Unpivot { alias, .. }
            | TableFactor::MatchRecognize { alias, .. } => {
                let message = "PIVOT, UNPIVOT and MATCH_RECOGNIZE cannot be used in a query";
                self.unresolved(codes::CLAUSE, message.to_owned(), alias.as_ref(), at, frame);
            }
            TableFactor::UnpivotExpr { .. } => {
                self.unresolved(codes::CLAUSE, "UNPIVOT cannot be used in a query".to_owned(), None, at, frame);
            }
        }
    }

    /// A name in FROM.
    fn table(&mut self, factor: &mut TableFactor, at: Span, frame: &mut Frame) {
        let TableFactor::Table {
            name,
            alias,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } = factor
        else {
            return;
        };
        if args.is_some() {
            let message = format!("`{name}` is called like a function, where a relation is expected");
            return self.unresolved(codes::TABLE_FUNCTION, message, alias.as_ref(), at, frame);
        }
        let plain = with_hints.is_empty()
            && version.is_none()
            && !*with_ordinality
            && partitions.is_empty()
            && json_path.is_none()
            && sample.is_none()
            && index_hints.is_empty();
        if !plain {
            self.deny(codes::CLAUSE, "samples, versions and hints of a relation cannot be used in a query", at);
        }
        let (name, alias) = (name.clone(), alias.take());
        if let Some(found) = self.relation(&name, alias, at, frame) {
            *factor = found;
        }
    }

    /// Something of which no columns are known, so that these are not found fault with as well.
    fn unresolved(
        &mut self,
        code: guard_verdict::Code,
        message: String,
        alias: Option<&TableAlias>,
        at: Span,
        frame: &mut Frame,
    ) {
        self.deny(code, message, at);
        let alias = alias.map(|alias| self.policy.dialect.stored(&alias.name)).unwrap_or_default();
        frame.sources.push(Source { alias, columns: Vec::new(), path: Vec::new(), open: true });
    }

    /// A name in FROM: a query of WITH, else a relation of the policy.
    fn relation(
        &mut self,
        name: &ObjectName,
        alias: Option<TableAlias>,
        at: Span,
        frame: &mut Frame,
    ) -> Option<TableFactor> {
        let parts: Option<Vec<Ident>> = name.0.iter().map(|part| part.as_ident().cloned()).collect();
        let parts = parts.unwrap_or_default();
        let plain = parts.iter().all(|part| matches!(part.quote_style, None | Some('"')));
        let dialect = self.policy.dialect;
        let common = match parts.as_slice() {
            [one] if plain => self.common.iter().rev().find(|common| dialect.means(one, &common.name)),
            _ => None,
        };
        if let Some(common) = common {
            let (path, columns, open) = ([common.written.clone()], common.columns.clone(), common.open);
            let own = common.name.clone();
            let alias = self.source(alias, own, columns, Vec::new(), open, at, frame);
            return Some(build::table(&path, alias));
        }
        let found = self.policy.relations.iter().position(|relation| {
            plain
                && relation.path.len() == parts.len()
                && parts.iter().zip(&relation.path).all(|(part, own)| dialect.means(part, own))
        });
        let Some((found, relation)) = found.and_then(|found| Some((found, self.policy.relations.get(found)?))) else {
            let message = format!("there is no relation `{name}` that this query may read");
            self.unresolved(codes::RELATION_UNKNOWN, message, alias.as_ref(), at, frame);
            return None;
        };
        let path = if alias.is_none() { relation.path.clone() } else { Vec::new() };
        let own = relation.path.last().cloned().unwrap_or_default();
        let columns = self.read(found, at);
        let alias = self.source(alias, own, columns, path, false, at, frame);
        Some(build::table(&[QueryPolicy::stand_in(found)], alias))
    }

    /// The columns of a relation, which counts as read.
    fn read(&mut self, found: usize, at: Span) -> Vec<Out> {
        self.references.push(found);
        let policy = self.policy;
        let Some(relation) = policy.relations.get(found) else { return Vec::new() };
        for name in relation.parameters.iter().filter(|name| !self.bound.gate.contains_key(*name)) {
            self.deny(codes::PARAMETER, format!("the gate binds no value to `:{name}`"), at);
        }
        let numbered = relation.columns.iter().zip(relation.first..);
        numbered.map(|(name, number)| Out { name: Some(name.clone()), sure: true, origins: vec![number] }).collect()
    }

    fn derived(
        &mut self,
        lateral: bool,
        subquery: &mut Query,
        alias: &mut Option<TableAlias>,
        at: Span,
        frame: &mut Frame,
    ) {
        if lateral {
            self.beyond_sqlite(codes::CLAUSE, "LATERAL", at);
        }
        let own = self.derived_name();
        let guarded = self.guarded(subquery);
        let (columns, open) = match guarded {
            Some(found) => (self.read(found, at), false),
            None => {
                let before = self.findings.len();
                if lateral {
                    self.frames.push(std::mem::take(frame));
                }
                let columns = self.query(subquery);
                if lateral {
                    *frame = self.frames.pop().unwrap_or_default();
                }
                (columns, self.findings.len() > before)
            }
        };
        *alias = Some(self.source(alias.take(), own, columns, Vec::new(), open, at, frame));
    }

    /// A name for a subquery in FROM that has none, other than every name of the query.
    fn derived_name(&mut self) -> String {
        loop {
            self.derived += 1;
            let name = format!("derived_{}", self.derived);
            if self.is_new(&name) {
                return name;
            }
        }
    }

    /// Is this the very text that the gate writes for a relation? Then it stands for the relation.
    fn guarded(&self, query: &Query) -> Option<usize> {
        let SetExpr::Select(select) = &*query.body else { return None };
        let [TableWithJoins { relation: TableFactor::Table { alias: Some(alias), .. }, .. }] = select.from.as_slice()
        else {
            return None;
        };
        if alias.name.value != INNER {
            return None;
        }
        let dialect = self.policy.dialect;
        // Under a query of WITH of that name the text means that one.
        let shadowed = |relation: &Relation| {
            let [only] = relation.path.as_slice() else { return false };
            self.common.iter().any(|common| dialect.same(&common.name, only))
        };
        let found = |relation: &Relation| relation.guarded == *query && !shadowed(relation);
        self.policy.relations.iter().position(found)
    }

    /// Adds a source; its alias as it is written.
    #[allow(clippy::too_many_arguments)]
    fn source(
        &mut self,
        alias: Option<TableAlias>,
        own: String,
        mut columns: Vec<Out>,
        path: Vec<String>,
        open: bool,
        at: Span,
        frame: &mut Frame,
    ) -> TableAlias {
        let mut alias = alias.unwrap_or_else(|| build::alias(&own));
        let name = self.alias(&mut alias.name);
        alias.explicit = true;
        if alias.at.is_some() {
            self.deny(codes::CLAUSE, "AT behind a relation cannot be used in a query", at);
        }
        if frame.sources.iter().any(|source| self.policy.dialect.same(&source.alias, &name)) {
            self.deny(codes::NAME, format!("FROM names `{name}` twice; give each its own alias"), at);
        }
        if !alias.columns.is_empty() {
            let what = "names of columns behind an alias in FROM";
            self.beyond_sqlite(codes::CLAUSE, what, at);
        }
        self.rename(&mut columns, &mut alias.columns, at);
        frame.sources.push(Source { alias: name, columns, path, open });
        alias
    }

    /// The names that an alias gives to columns.
    pub(super) fn rename(&mut self, columns: &mut [Out], names: &mut [TableAliasColumnDef], at: Span) {
        if names.len() > columns.len() && self.findings.is_empty() {
            self.deny(codes::NAME, format!("there are {} names for {} columns", names.len(), columns.len()), at);
        }
        for (at, definition) in names.iter_mut().enumerate() {
            if let Some(ty) = &definition.data_type {
                let message = format!("`{ty}` behind a column's name cannot be used in a query");
                self.deny(codes::CLAUSE, message, definition.name.span);
            }
            let name = self.alias(&mut definition.name);
            if let Some(column) = columns.get_mut(at) {
                column.name = Some(name);
                column.sure = true;
            }
        }
    }
}
