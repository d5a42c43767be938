//! The fence: does a text that was written from a tree read as this tree?
//!
//! The answer of record is the parser's: it reads the text anew, and what it finds is compared with the tree. Here the same question is
//! answered for most texts without building a second tree: the reader below goes through the pieces of the text as the parser would,
//! and asks at every step where the parser has a choice whether it would choose what the tree says.
//!
//! Why this is sound. The parser is a function of the tokens and the grammar's switches, nothing else.
//! 1. *Tokens.* [`lex`] knows only pieces whose end and kind no neighbour can change, and gives up on anything else; so its pieces are
//!    the parser's tokens one to one, quoted names and texts with their content.
//! 2. *Clauses.* Each optional clause of the parser is taken by a keyword that must stand there. Where the tree has the clause, the
//!    reader demands the keyword; where it has not, the next piece that the reader demands is another one, so that the parser does not
//!    take the clause either. A query must be followed by `)` or the end, so that nothing is left over.
//! 3. *Operators.* The parser climbs precedences: at a level it reads an operand, then takes operators while the next one binds more
//!    strongly than the level. The reader does the same with the parser's own table ([`expr::Reader::next`]): an operator of the tree
//!    must be the next piece and bind more strongly than the level, and behind a whole expression the next piece must not. A tree that
//!    would need parentheses which the text lacks therefore fails.
//! 4. *Words.* An expression begins with a word only where the parser knows one way to read it: `NOT`, `CASE`, `EXISTS`, `TRUE`,
//!    `FALSE`, `NULL`, and calls that [`plain_call`] knows.
//! 5. *Everything else* — every form, clause and field that is not named here — is not answered, and the parser is asked. Every field of
//!    the nodes is named, so that a new one does not compile before it is judged.
//!
//! The parser's bound on recursion is not asked: what is put into a tree (parentheses around a second sign, names, a LIMIT) adds one
//! level at most, and the second reading is given 184 levels more than the first.
//!
//! `tests` ask both for every text of the corpora and for texts that are damaged at random: what the reader accepts, the parser reads as
//! the same tree.

mod expr;
mod from;
mod lex;
#[cfg(test)]
mod tests;

use crate::dialect::{Dialect, Strict};
use lex::Lexeme;
use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, LimitClause, Offset, OffsetRows, OrderBy, OrderByExpr, OrderByKind,
    OrderByOptions, OrderBySort, Query, Select, SelectFlavor, SelectItem, SetExpr, SetOperator, SetQuantifier,
};

/// Does the parser read this text as this tree? `true` is certain; `false` means that the parser has to be asked.
pub(crate) fn reads_as(dialect: Dialect, text: &str, query: &Query) -> bool {
    let Some(pieces) = lex::pieces(dialect, text) else { return false };
    let mut reader = Reader { pieces: &pieces, at: 0, grammar: dialect.grammar() };
    reader.query(query) && reader.peek() == Lexeme::End
}

/// Goes forward through the pieces. Each step says whether the parser would take it.
struct Reader<'t> {
    pieces: &'t [Lexeme<'t>],
    at: usize,
    grammar: &'static Strict,
}

impl Reader<'_> {
    fn peek(&self) -> Lexeme<'_> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Lexeme<'_> {
        self.pieces.get(self.at + ahead).copied().unwrap_or(Lexeme::End)
    }

    fn take(&mut self, wanted: Lexeme<'_>) -> bool {
        let is = self.peek() == wanted;
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &str) -> bool {
        self.take(Lexeme::Sign(sign))
    }

    fn words(&mut self, words: &[&str]) -> bool {
        words.iter().all(|word| self.take(Lexeme::Word(word)))
    }

    /// A name in quotes.
    fn name(&mut self, name: &Ident) -> bool {
        let Ident { value, quote_style, span: _ } = name;
        *quote_style == Some('"') && self.take(Lexeme::Name(value))
    }

    /// At least one member, with commas between them.
    fn list<T>(&mut self, members: &[T], mut one: impl FnMut(&mut Self, &T) -> bool) -> bool {
        let read = members.iter().enumerate().all(|(at, member)| (at == 0 || self.sign(",")) && one(self, member));
        read && !members.is_empty()
    }

    /// A whole query: what follows is `)` or the end.
    fn query(&mut self, query: &Query) -> bool {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let plain = fetch.is_none()
            && locks.is_empty()
            && for_clause.is_none()
            && settings.is_none()
            && format_clause.is_none()
            && pipe_operators.is_empty();
        plain
            && with.as_ref().is_none_or(|with| self.with(with))
            && self.body(body, 0)
            && order_by.as_ref().is_none_or(|order_by| self.order_by(order_by))
            && limit_clause.as_ref().is_none_or(|clause| self.limit(clause))
            && matches!(self.peek(), Lexeme::Sign(")") | Lexeme::End)
    }

    /// A query in parentheses, as an operand: there the parser takes it for one if it begins with SELECT or WITH.
    fn subquery(&mut self, query: &Query) -> bool {
        self.sign("(") && matches!(self.peek(), Lexeme::Word("SELECT" | "WITH")) && self.query(query) && self.sign(")")
    }

    fn order_by(&mut self, order_by: &OrderBy) -> bool {
        let OrderBy { kind, interpolate } = order_by;
        match kind {
            OrderByKind::Expressions(terms) if interpolate.is_none() => {
                self.words(&["ORDER", "BY"]) && self.list(terms, Self::order_term)
            }
            OrderByKind::Expressions(_) | OrderByKind::All(_) => false,
        }
    }

    fn order_term(&mut self, term: &OrderByExpr) -> bool {
        let OrderByExpr { expr, options: OrderByOptions { sort, nulls_first }, with_fill } = term;
        let sorted = |reader: &mut Self| match sort {
            None => true,
            Some(OrderBySort::Asc) => reader.words(&["ASC"]),
            Some(OrderBySort::Desc) => reader.words(&["DESC"]),
            Some(OrderBySort::Using(_)) => false,
        };
        with_fill.is_none()
            && self.expr(expr, 0)
            && sorted(self)
            && nulls_first.is_none_or(|first| self.words(&["NULLS", if first { "FIRST" } else { "LAST" }]))
    }

    fn limit(&mut self, clause: &LimitClause) -> bool {
        match clause {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                limit_by.is_empty()
                    && limit.as_ref().is_none_or(|limit| self.words(&["LIMIT"]) && self.expr(limit, 0))
                    && offset.as_ref().is_none_or(|Offset { value, rows }| {
                        *rows == OffsetRows::None && self.words(&["OFFSET"]) && self.expr(value, 0)
                    })
            }
            LimitClause::OffsetCommaLimit { .. } => false,
        }
    }

    /// The part between WITH and ORDER BY, at a level of the set operators: UNION and EXCEPT bind by 10, INTERSECT by 20.
    fn body(&mut self, body: &SetExpr, level: u8) -> bool {
        let ends = |reader: &Self| match reader.peek() {
            Lexeme::Word("UNION" | "EXCEPT") => level >= 10,
            Lexeme::Word("INTERSECT") => level >= 20,
            Lexeme::Word(word) => matches!(word, "ORDER" | "LIMIT" | "OFFSET"),
            other => matches!(other, Lexeme::Sign(")") | Lexeme::End),
        };
        self.set(body, level) && ends(self)
    }

    fn set(&mut self, body: &SetExpr, level: u8) -> bool {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.sign("(") && self.query(query) && self.sign(")"),
            SetExpr::SetOperation { op, set_quantifier, left, right } => {
                let (word, binds) = match op {
                    SetOperator::Union => ("UNION", 10),
                    SetOperator::Except => ("EXCEPT", 10),
                    SetOperator::Intersect => ("INTERSECT", 20),
                    SetOperator::Minus => return false,
                };
                let quantified = |reader: &mut Self| match set_quantifier {
                    SetQuantifier::None => matches!(reader.peek(), Lexeme::Word("SELECT") | Lexeme::Sign("(")),
                    SetQuantifier::All => reader.words(&["ALL"]),
                    SetQuantifier::Distinct => reader.words(&["DISTINCT"]),
                    SetQuantifier::ByName | SetQuantifier::AllByName | SetQuantifier::DistinctByName => false,
                };
                self.set(left, level)
                    && binds > level
                    && self.words(&[word])
                    && quantified(self)
                    && self.body(right, binds)
            }
            SetExpr::Values(_) | SetExpr::Insert(_) | SetExpr::Update(_) => false,
            SetExpr::Delete(_) | SetExpr::Merge(_) | SetExpr::Table(_) => false,
        }
    }

    fn select(&mut self, select: &Select) -> bool {
        let Select {
            select_token: _,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify,
            value_table_mode,
            flavor,
        } = select;
        let plain = optimizer_hints.is_empty() && select_modifiers.is_none() && top.is_none() && !*top_before_distinct;
        let plain = plain && exclude.is_none() && into.is_none() && lateral_views.is_empty() && prewhere.is_none();
        let plain = plain && connect_by.is_empty() && cluster_by.is_empty() && distribute_by.is_empty();
        let plain = plain && sort_by.is_empty() && named_window.is_empty() && !*window_before_qualify;
        let plain = plain && value_table_mode.is_none() && *flavor == SelectFlavor::Standard;
        let distinct = match distinct {
            None => Some(false),
            Some(Distinct::Distinct) => Some(true),
            Some(Distinct::All | Distinct::On(_)) => None,
        };
        plain
            && self.words(&["SELECT"])
            && distinct.is_some_and(|distinct| !distinct || self.words(&["DISTINCT"]))
            && self.list(projection, Self::item)
            && (from.is_empty() || (self.words(&["FROM"]) && self.list(from, Self::joined)))
            && self.clause("WHERE", selection.as_ref())
            && self.group_by(group_by)
            && self.clause("HAVING", having.as_ref())
            && self.clause("QUALIFY", qualify.as_ref())
    }

    fn clause(&mut self, word: &str, condition: Option<&Expr>) -> bool {
        condition.is_none_or(|condition| self.words(&[word]) && self.expr(condition, 0))
    }

    fn group_by(&mut self, group_by: &GroupByExpr) -> bool {
        match group_by {
            GroupByExpr::Expressions(terms, modifiers) if modifiers.is_empty() => {
                terms.is_empty()
                    || (self.words(&["GROUP", "BY"]) && self.list(terms, |reader, term| reader.expr(term, 0)))
            }
            GroupByExpr::Expressions(..) | GroupByExpr::All(_) => false,
        }
    }

    /// `expr AS "name"`
    fn item(&mut self, item: &SelectItem) -> bool {
        match item {
            SelectItem::ExprWithAlias { expr, alias } => self.expr(expr, 0) && self.words(&["AS"]) && self.name(alias),
            SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAliases { .. } => false,
            SelectItem::QualifiedWildcard(..) | SelectItem::Wildcard(_) => false,
        }
    }
}
