//! WITH and FROM.

use super::{Lexeme, Reader};
use sqlparser::ast::{
    Cte, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart, TableAlias, TableAliasColumnDef, TableFactor,
    TableWithJoins, With,
};

impl Reader<'_> {
    pub(super) fn with(&mut self, with: &With) -> bool {
        let With { with_token: _, recursive, cte_tables } = with;
        !*recursive && self.words(&["WITH"]) && self.list(cte_tables, Self::common)
    }

    /// `"name" ("a", "b") AS (query)`
    fn common(&mut self, common: &Cte) -> bool {
        let Cte { alias, query, from, materialized, closing_paren_token: _ } = common;
        let TableAlias { explicit, name, columns, at } = alias;
        let plain = from.is_none() && materialized.is_none() && !*explicit && at.is_none();
        plain
            && self.name(name)
            && self.columns(columns)
            && self.words(&["AS"])
            && self.sign("(")
            && self.query(query)
            && self.sign(")")
    }

    fn columns(&mut self, columns: &[TableAliasColumnDef]) -> bool {
        let one = |reader: &mut Self, column: &TableAliasColumnDef| {
            let TableAliasColumnDef { name, data_type } = column;
            data_type.is_none() && reader.name(name)
        };
        columns.is_empty() || (self.sign("(") && self.list(columns, one) && self.sign(")"))
    }

    /// A relation and what is joined to it, up to a comma or the next clause.
    pub(super) fn joined(&mut self, table: &TableWithJoins) -> bool {
        let TableWithJoins { relation, joins } = table;
        self.factor(relation) && joins.iter().all(|join| self.join(join))
    }

    fn join(&mut self, join: &Join) -> bool {
        let Join { relation, global, join_operator } = join;
        let (words, constraint): (&[&str], _) = match join_operator {
            JoinOperator::Join(constraint) => (&["JOIN"], constraint),
            JoinOperator::Inner(constraint) => (&["INNER", "JOIN"], constraint),
            JoinOperator::Left(constraint) => (&["LEFT", "JOIN"], constraint),
            JoinOperator::LeftOuter(constraint) => (&["LEFT", "OUTER", "JOIN"], constraint),
            JoinOperator::Right(constraint) => (&["RIGHT", "JOIN"], constraint),
            JoinOperator::RightOuter(constraint) => (&["RIGHT", "OUTER", "JOIN"], constraint),
            JoinOperator::FullOuter(constraint) => (&["FULL", "JOIN"], constraint),
            JoinOperator::CrossJoin(constraint @ JoinConstraint::None) => (&["CROSS", "JOIN"], constraint),
            _ => return false,
        };
        !*global && self.words(words) && self.factor(relation) && self.constraint(constraint)
    }

    fn constraint(&mut self, constraint: &JoinConstraint) -> bool {
        match constraint {
            JoinConstraint::None => true,
            JoinConstraint::On(condition) => self.words(&["ON"]) && self.expr(condition, 0),
            JoinConstraint::Using(names) => {
                self.words(&["USING"]) && self.sign("(") && self.list(names, Self::object) && self.sign(")")
            }
            JoinConstraint::Natural => false,
        }
    }

    /// A name of one part.
    fn object(&mut self, name: &ObjectName) -> bool {
        matches!(name.0.as_slice(), [ObjectNamePart::Identifier(name)] if self.name(name))
    }

    /// `"name" AS "alias"` or `(query) AS "alias"`. What stands behind the alias is a comma, `)`, the end or a word that the callers
    /// demand; none of these words prolongs a relation.
    fn factor(&mut self, factor: &TableFactor) -> bool {
        match factor {
            TableFactor::Table {
                name,
                alias: Some(alias),
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                self.object(name) && self.alias(alias)
            }
            TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None } => {
                self.sign("(") && self.query(subquery) && self.sign(")") && self.alias(alias)
            }
            _ => false,
        }
    }

    fn alias(&mut self, alias: &TableAlias) -> bool {
        let TableAlias { explicit, name, columns, at } = alias;
        *explicit
            && at.is_none()
            && self.words(&["AS"])
            && self.name(name)
            && self.columns(columns)
            && self.peek() != Lexeme::Sign("(")
    }
}
