//! Syntax tree to typed nodes.

use super::problem::Problem;
use super::refused;
use super::scope::Scope;
use super::syntax::place;
use crate::plan::ColumnPath;
use guard_kernels::expr::compare::Comparison;
use guard_kernels::expr::facts::{Facts, Range};
use guard_kernels::expr::fault::{Fault, Faults};
use guard_kernels::expr::function::Prepared;
use guard_kernels::expr::infer::infer;
use guard_kernels::expr::interval::Interval;
use guard_kernels::expr::program::{Node, NodeId, Op, Program};
use guard_kernels::expr::record::fold;
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::{Type, has_long_dates};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{AccessExpr, BinaryOperator, Expr, Ident, Subscript};

/// Most nodes of a program.
const NODE_LIMIT: usize = 40_000;
/// Deepest tree: operators behind their operand (IS NULL, `::`, AT TIME ZONE) nest without parentheses.
const TREE_LIMIT: usize = 256;
/// Most members of an IN list.
pub(super) const MEMBER_LIMIT: usize = 10_000;

/// A column that a program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: ColumnPath,
    /// The top-level column's name.
    pub column: String,
}

/// Compiles expressions over one scope into one program; what they share is computed once.
pub struct Compiler<'s> {
    pub(super) scope: &'s Scope,
    /// The nodes so far.
    pub program: Program,
    /// Columns read so far, in the program's order.
    pub inputs: Vec<Input>,
    /// Facts by Arrow types alone, by node.
    wide: Vec<Facts>,
    /// Where each node stands in the text that it was first met in.
    pub spans: Vec<Span>,
    /// Columns of the expression at hand, in order of appearance.
    pub(super) seen: Vec<String>,
    /// How deep the piece at hand lies.
    depth: usize,
    /// Parameters used by any expression.
    pub parameters: std::collections::BTreeSet<String>,
}

/// What a piece of syntax stands for.
#[derive(Clone, Copy)]
pub(super) enum Operand {
    /// A value.
    Node(NodeId),
    /// An INTERVAL literal: not a value of a record.
    Interval(Interval, Span),
}

impl<'s> Compiler<'s> {
    /// Nothing compiled yet.
    pub fn new(scope: &'s Scope) -> Compiler<'s> {
        Compiler {
            scope,
            program: Program::default(),
            inputs: Vec::new(),
            wide: Vec::new(),
            spans: Vec::new(),
            seen: Vec::new(),
            depth: 0,
            parameters: std::collections::BTreeSet::new(),
        }
    }

    /// Compiles an expression; its node, and the columns it reads in order of appearance.
    pub fn compile(&mut self, expr: &Expr) -> Result<(NodeId, Vec<String>), Problem> {
        self.seen.clear();
        let node = self.value(expr).map_err(|problem| problem.placed(place(expr)))?;
        Ok((node, std::mem::take(&mut self.seen)))
    }

    /// Compiles a condition: BOOLEAN, or the literal NULL.
    pub fn condition(&mut self, expr: &Expr) -> Result<(NodeId, Vec<String>), Problem> {
        let (node, columns) = self.compile(expr)?;
        self.expect_boolean(node, place(expr), "a condition")?;
        Ok((node, columns))
    }

    /// What is known of a node.
    pub fn facts(&self, id: NodeId) -> &Facts {
        static NOTHING: std::sync::LazyLock<Facts> = std::sync::LazyLock::new(|| Facts::of_type(Type::Null));
        self.program.node(id).map_or(&NOTHING, |node| &node.facts)
    }

    pub(super) fn ty(&self, id: NodeId) -> &Type {
        &self.facts(id).ty
    }

    /// A piece that must be a value.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<NodeId, Problem> {
        match self.operand(expr)? {
            Operand::Node(id) => Ok(id),
            Operand::Interval(_, span) => {
                let message = "an INTERVAL literal is no value of a record";
                let help = "add it to a date or timestamp, or compare it with a difference of timestamps";
                Err(Problem::new(codes::OPERAND_TYPES, message, span).help(help))
            }
        }
    }

    pub(super) fn operand(&mut self, expr: &Expr) -> Result<Operand, Problem> {
        if self.depth >= TREE_LIMIT {
            let message = format!("operators nest deeper than {TREE_LIMIT} levels");
            return Err(Problem::new(codes::TOO_LARGE, message, place(expr)).help("split it into several rules"));
        }
        self.depth += 1;
        let found = self.lowered(expr);
        self.depth -= 1;
        found
    }

    fn lowered(&mut self, expr: &Expr) -> Result<Operand, Problem> {
        let span = place(expr);
        let no = || Err(refused::form(expr));
        let node = match expr {
            Expr::Nested(inner) => return self.operand(inner),
            Expr::Interval(interval) => return self.interval(interval, span),
            Expr::UnaryOp { op, expr } => return self.unary(*op, expr, span),
            Expr::BinaryOp { .. } => return self.chain(expr),
            Expr::Identifier(name) => self.column(std::slice::from_ref(name), span)?,
            Expr::CompoundIdentifier(names) => self.column(names, span)?,
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain)?,
            Expr::Value(value) => self.literal(value, span)?,
            Expr::TypedString(typed) => self.typed(typed, span)?,
            Expr::IsTrue(a) => self.truth(a, true, false, span)?,
            Expr::IsNotTrue(a) => self.truth(a, true, true, span)?,
            Expr::IsFalse(a) => self.truth(a, false, false, span)?,
            Expr::IsNotFalse(a) => self.truth(a, false, true, span)?,
            Expr::IsNull(a) | Expr::IsUnknown(a) => self.is_null(a, false, span)?,
            Expr::IsNotNull(a) | Expr::IsNotUnknown(a) => self.is_null(a, true, span)?,
            Expr::IsDistinctFrom(a, b) => self.distinct(a, b, false, span)?,
            Expr::IsNotDistinctFrom(a, b) => self.distinct(a, b, true, span)?,
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated, span)?,
            Expr::Between { expr, negated, low, high } => self.between(expr, low, high, *negated, span)?,
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like("like", (expr, pattern, escape_char.as_deref()), *negated, span)?
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like("ilike", (expr, pattern, escape_char.as_deref()), *negated, span)?
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), span)?
            }
            Expr::Cast { kind, expr, data_type, format: None } => self.cast(kind, expr, data_type, span)?,
            Expr::Function(function) => self.call(function, span)?,
            Expr::AtTimeZone { .. } | Expr::Extract { .. } | Expr::Ceil { .. } => self.spelled(expr, span)?,
            Expr::Floor { .. } | Expr::Position { .. } => self.spelled(expr, span)?,
            Expr::Substring { .. } | Expr::Trim { .. } => self.spelled(expr, span)?,
            Expr::Array(array) => {
                let args = array.elem.iter().map(|item| self.value(item)).collect::<Result<Vec<_>, _>>()?;
                self.named("list_value", args, span)?
            }
            // What no expression has, in lines rather than one pattern: any new form must be sorted by hand.
            Expr::Like { any: true, .. }
            | Expr::ILike { any: true, .. }
            | Expr::SimilarTo { .. }
            | Expr::RLike { .. } => no()?,
            Expr::Exists { .. } | Expr::Subquery(_) | Expr::InSubquery { .. } | Expr::InUnnest { .. } => no()?,
            Expr::AnyOp { .. } | Expr::AllOp { .. } | Expr::GroupingSets(_) | Expr::Cube(_) | Expr::Rollup(_) => no()?,
            Expr::Cast { format: Some(_), .. } | Expr::Convert { .. } | Expr::Prefixed { .. } | Expr::Lambda(_) => {
                no()?
            }
            Expr::Overlay { .. } | Expr::Collate { .. } | Expr::IsNormalized { .. } | Expr::IsJson { .. } => no()?,
            Expr::Tuple(_) | Expr::Struct { .. } | Expr::Named { .. } | Expr::Dictionary(_) | Expr::Map(_) => no()?,
            Expr::JsonAccess { .. } | Expr::MatchAgainst { .. } | Expr::MemberOf(_) | Expr::Wildcard(_) => no()?,
            Expr::QualifiedWildcard(..) | Expr::OuterJoin(_) | Expr::Prior(_) => no()?,
        };
        Ok(Operand::Node(node))
    }

    /// A chain of binary operators leans left as deep as it is long; its spine is walked, not recursed into.
    fn chain(&mut self, expr: &Expr) -> Result<Operand, Problem> {
        let mut spine: Vec<(&BinaryOperator, &Expr, &Expr)> = Vec::new();
        let mut first = expr;
        while let Expr::BinaryOp { left, op, right } = first {
            spine.push((op, right, first));
            first = left;
        }
        let mut left = self.operand(first)?;
        let mut left_at = place(first);
        for (op, right, _) in spine.into_iter().rev() {
            let right_at = place(right);
            let right = self.operand(right)?;
            let span = joined(left_at, right_at);
            left = self.binary(op, (left, left_at), (right, right_at), span)?;
            left_at = span;
        }
        Ok(left)
    }

    fn column(&mut self, names: &[Ident], span: Span) -> Result<NodeId, Problem> {
        let Some((first, rest)) = names.split_first() else { return self.nothing(span) };
        // `orders.qty`, unless a column is called `orders`.
        if let [next, fields @ ..] = rest
            && !self.scope.has(&first.value)
            && self.scope.tables.iter().any(|table| table.eq_ignore_ascii_case(&first.value))
        {
            return self.path(next, fields, span);
        }
        self.path(first, rest, span)
    }

    fn path(&mut self, name: &Ident, fields: &[Ident], span: Span) -> Result<NodeId, Problem> {
        let scope = self.scope;
        let column = scope.find(&name.value, name.quote_style.is_some(), span)?;
        let mut path = column.path.clone();
        let mut ty = column.facts.ty.clone();
        for field in fields {
            let (position, found) = field_of(&ty, field, span)?;
            path.steps.push(position);
            path.name = format!("{}.{}", path.name, field_name(&ty, position));
            path.data_type = field_type(&path.data_type, position);
            ty = found;
        }
        if !self.seen.contains(&path.name) {
            self.seen.push(path.name.clone());
        }
        let (facts, wide) = if fields.is_empty() {
            (column.facts.clone(), column.wide.clone())
        } else {
            let facts = Facts { nullable: true, range: Range::of_nested(&ty), ..Facts::of_type(ty) };
            (facts.clone(), facts)
        };
        let read = |facts: Facts| if has_long_dates(&path.data_type) { short_dates(facts) } else { facts };
        let (facts, wide) = (read(facts), read(wide));
        let input = Input { path, column: column.name.clone() };
        let position = self.inputs.iter().position(|known| *known == input).unwrap_or_else(|| {
            self.inputs.push(input);
            self.inputs.len() - 1
        });
        let proved = wide.faults.is_empty();
        let node = Node { op: Op::Input(position), facts, proved, types: Vec::new(), prepared: None };
        self.insert(node, wide, span)
    }

    fn access(&mut self, root: &Expr, chain: &[AccessExpr]) -> Result<NodeId, Problem> {
        // `a.b[1]` arrives as the name `a` and the accesses `.b` and `[1]`.
        let mut names: Vec<Ident> = match root {
            Expr::Identifier(name) => vec![name.clone()],
            Expr::CompoundIdentifier(names) => names.clone(),
            _ => Vec::new(),
        };
        let mut chain = chain.iter().peekable();
        while let Some(AccessExpr::Dot(Expr::Identifier(name))) = chain.peek().filter(|_| !names.is_empty()) {
            names.push(name.clone());
            chain.next();
        }
        let span = place(root);
        let mut node = if names.is_empty() { self.value(root)? } else { self.column(&names, span)? };
        for access in chain {
            node = match access {
                AccessExpr::Dot(Expr::Identifier(name)) => {
                    let (position, ty) = field_of(self.ty(node), name, span)?;
                    self.add(Op::Field(node, position), ty, span)?
                }
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    let index = self.value(index)?;
                    self.named("list_extract", vec![node, index], span)?
                }
                AccessExpr::Dot(_) | AccessExpr::Subscript(Subscript::Slice { .. }) => {
                    let message = "this access cannot be used in an expression";
                    let help =
                        "write `a.b` for a struct's field, `a[1]` for a list's item, `list_slice(a, 1, 2)` for several";
                    return Err(Problem::new(codes::NOT_SUPPORTED, message, span).help(help));
                }
            };
        }
        Ok(node)
    }

    fn nothing(&self, span: Span) -> Result<NodeId, Problem> {
        Err(Problem::new(codes::SYNTAX, "a name is missing", span))
    }

    /// Adds an operation whose facts follow from its operands; `ty` is its type where the operation leaves a choice.
    pub(super) fn add(&mut self, op: Op, ty: Type, span: Span) -> Result<NodeId, Problem> {
        self.add_prepared(op, ty, None, span)
    }

    pub(super) fn add_prepared(&mut self, op: Op, ty: Type, prepared: Prepared, span: Span) -> Result<NodeId, Problem> {
        let operands = op.operands();
        let args: Vec<Facts> = operands.iter().map(|id| self.facts(*id).clone()).collect();
        let wide_args: Vec<Facts> = operands.iter().filter_map(|id| self.wide.get(*id).cloned()).collect();
        let wrong = |why: String| Problem::new(codes::OPERAND_TYPES, why, span);
        let mut facts = infer(&op, &args, &ty).map_err(wrong)?;
        facts.nonzero |= self.is_nullif_zero(&op);
        if let Some(known) = self.program.find(&op, &facts.ty) {
            return Ok(known);
        }
        let mut wide = infer(&op, &wide_args, &ty).map_err(wrong)?;
        wide.nonzero = facts.nonzero;
        // What the operation adds itself: a fault that an operand can end in too is no proof that it adds none.
        let sound: Vec<Facts> = wide_args.into_iter().map(|arg| Facts { faults: Faults::NONE, ..arg }).collect();
        let proved = infer(&op, &sound, &ty).map_err(wrong)?.faults.is_empty();
        let types: Vec<Type> = args.iter().map(|arg| arg.ty.clone()).collect();
        let constant = !matches!(op, Op::Constant(..)) && args.iter().all(|arg| arg.constant.is_some());
        if constant && facts.ty.is_scalar() {
            let node = Node {
                op: op.clone(),
                facts: facts.clone(),
                proved: false,
                types: types.clone(),
                prepared: prepared.clone(),
            };
            let values: Vec<_> = args.into_iter().filter_map(|arg| arg.constant).collect();
            if let Some(value) = fold(&node, &values) {
                let ty = facts.ty.clone();
                return self.add(Op::Constant(ty.clone(), value), ty, span);
            }
        }
        self.insert(Node { op, facts, proved, types, prepared }, wide, span)
    }

    fn insert(&mut self, node: Node, wide: Facts, span: Span) -> Result<NodeId, Problem> {
        if let Some(known) = self.program.find(&node.op, &node.facts.ty) {
            return Ok(known);
        }
        if self.program.nodes().len() >= NODE_LIMIT {
            let message = format!("the expression has more than {NODE_LIMIT} parts");
            return Err(Problem::new(codes::TOO_LARGE, message, span).help("split it into several rules"));
        }
        self.wide.push(wide);
        self.spans.push(span);
        Ok(self.program.add(node))
    }

    /// `NULLIF(x, 0)`: whatever it yields is not 0.
    fn is_nullif_zero(&self, op: &Op) -> bool {
        let Op::Case(branches, Some(kept)) = op else { return false };
        let [(condition, null)] = branches.as_slice() else { return false };
        let op = |id: NodeId| self.program.node(id).map(|node| &node.op);
        let (x, zero) = match op(*condition) {
            Some(Op::Compare(Comparison::Equal, x, zero)) => (x, zero),
            Some(Op::Not(distinct)) => match op(*distinct) {
                Some(Op::Distinct(x, zero)) => (x, zero),
                _ => return false,
            },
            _ => return false,
        };
        let is_zero = match self.facts(*zero).constant {
            Some(Constant::Integer(value)) => value == 0,
            Some(Constant::Decimal(value)) => value == 0,
            Some(Constant::Double(value)) => value == 0.0,
            _ => false,
        };
        // Beside a decimal an integer is compared as one.
        let same = x == kept
            || matches!(self.program.node(*x).map(|node| &node.op), Some(Op::Cast { arg, .. }) if arg == kept);
        let null = self.facts(*null).constant.as_ref().is_some_and(Constant::is_null);
        is_zero && same && null && self.facts(*kept).ty.is_numeric()
    }

    pub(super) fn expect_boolean(&self, id: NodeId, span: Span, what: &str) -> Result<(), Problem> {
        match self.ty(id) {
            Type::Boolean | Type::Null => Ok(()),
            other => {
                let message = format!("{what} must be BOOLEAN; this is {other}");
                Err(Problem::new(codes::OPERAND_TYPES, message, span).help("compare it with something"))
            }
        }
    }
}

/// From the start of one place to the end of another.
pub(super) fn joined(a: Span, b: Span) -> Span {
    if a.line == 0 {
        return b;
    }
    Span { end: if a.line == b.line { b.end } else { a.end }, ..a }
}

fn field_type(ty: &arrow_schema::DataType, position: usize) -> arrow_schema::DataType {
    match ty {
        arrow_schema::DataType::Struct(fields) => {
            fields.get(position).map_or(arrow_schema::DataType::Null, |field| field.data_type().clone())
        }
        _ => arrow_schema::DataType::Null,
    }
}

fn field_name(ty: &Type, position: usize) -> &str {
    match ty {
        Type::Struct(fields) => fields.get(position).map_or("", |(name, _)| name),
        _ => "",
    }
}

/// Reading a date64 fails beyond the days of a date32.
fn short_dates(facts: Facts) -> Facts {
    let range = match (&facts.ty, facts.range) {
        (Type::Date, Range::Exact(low, high)) => {
            let (least, most) = (i128::from(i32::MIN), i128::from(i32::MAX));
            Range::Exact(low.clamp(least, most), high.clamp(least, most))
        }
        (_, range) => range,
    };
    let faults = facts.faults.and(Faults::of(&[Fault::TemporalOutOfRange]));
    Facts { range, faults, ..facts }
}

fn field_of(ty: &Type, name: &Ident, span: Span) -> Result<(usize, Type), Problem> {
    let Type::Struct(fields) = ty else {
        let message = format!("`{}` is asked of a {ty}, which has no fields", name.value);
        return Err(Problem::new(codes::OPERAND_TYPES, message, span));
    };
    let exact = fields.iter().position(|(field, _)| *field == name.value);
    let alike = || fields.iter().position(|(field, _)| field.eq_ignore_ascii_case(&name.value));
    let found = exact.or_else(|| if name.quote_style.is_none() { alike() } else { None });
    match found.and_then(|position| fields.get(position).map(|(_, ty)| (position, ty.clone()))) {
        Some(found) => Ok(found),
        None => {
            let names: Vec<_> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
            let message = format!("there is no field `{}`", name.value);
            Err(Problem::new(codes::COLUMN_UNKNOWN, message, span).help(format!("there are {}", names.join(", "))))
        }
    }
}
