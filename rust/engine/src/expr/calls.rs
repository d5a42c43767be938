//! Calls of functions: names, arity, kinds of arguments.

use super::lower::Compiler;
use super::problem::Problem;
use super::refused::{is_aggregate, is_impure, not_supported};
use super::syntax::place;
use crate::contract::did_you_mean;
use guard_kernels::expr::compare::Comparison;
use guard_kernels::expr::facts::Facts;
use guard_kernels::expr::function::{Function, Kind};
use guard_kernels::expr::functions::{all, find};
use guard_kernels::expr::program::{FunctionRef, NodeId, Op};
use guard_kernels::expr::scalar::Constant;
use guard_kernels::expr::types::{MAX_PRECISION, Type};
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{self, CeilFloorKind, DateTimeField, Expr, FunctionArg, FunctionArgExpr, TrimWhereField};

impl Compiler<'_> {
    pub(super) fn call(&mut self, function: &ast::Function, span: Span) -> Result<NodeId, Problem> {
        let name = function.name.to_string().to_ascii_lowercase();
        if is_impure(&name) {
            let message = format!("`{name}` reads the clock, chance or the session");
            let help = "bind the value: `:as_of` is the instant that the check is given";
            return Err(Problem::new(codes::NOT_SUPPORTED, message, span).help(help));
        }
        if function.over.is_some() {
            return Err(not_supported("a window function", function, "an expression sees one record only"));
        }
        let known = find(&name);
        if known.is_none() && is_aggregate(&name) {
            let help = "an expression sees one record only; use a library metric for counts over the table";
            return Err(not_supported(&format!("the aggregate `{name}`"), function, help));
        }
        let aggregate = function.filter.is_some() || !function.within_group.is_empty();
        if aggregate || function.null_treatment.is_some() || function.uses_odbc_syntax {
            return Err(not_supported("this form of a call", function, "write `name(arguments)`"));
        }
        if !matches!(function.parameters, ast::FunctionArguments::None) {
            return Err(not_supported("this form of a call", function, "write `name(arguments)`"));
        }
        let args = arguments(function)?;
        let spans: Vec<Span> = args.iter().map(|arg| place(*arg)).collect();
        let nodes = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>, _>>()?;
        self.special(&name, &nodes, &spans, span)?.map_or_else(|| self.apply(&name, known, nodes, &spans, span), Ok)
    }

    /// Functions that are operators: their arguments are not all evaluated.
    fn special(&mut self, name: &str, nodes: &[NodeId], spans: &[Span], span: Span) -> Result<Option<NodeId>, Problem> {
        let wrong = |wanted: &str| {
            let message = format!("`{name}` takes {wanted}; {} are given", nodes.len());
            Problem::new(codes::ARGUMENT_COUNT, message, span)
        };
        Ok(Some(match (name, nodes) {
            ("coalesce" | "ifnull" | "nvl", []) => return Err(wrong("at least one argument")),
            ("ifnull" | "nvl", [_] | [_, _, _, ..]) => return Err(wrong("two arguments")),
            ("coalesce" | "ifnull" | "nvl", _) => {
                let (values, ty) = self.unify(nodes, spans, name)?;
                self.add(Op::Coalesce(values), ty, span)?
            }
            ("nullif", [a, b]) => {
                let left = (super::lower::Operand::Node(*a), spans.first().copied().unwrap_or(span));
                let right = (super::lower::Operand::Node(*b), spans.get(1).copied().unwrap_or(span));
                let (x, y) = self.comparable(left, right, "NULLIF", span)?;
                // NaN is an operand like any other here.
                let equal = if *self.ty(x) == Type::Double || *self.ty(y) == Type::Double {
                    let distinct = self.add(Op::Distinct(x, y), Type::Boolean, span)?;
                    self.add(Op::Not(distinct), Type::Boolean, span)?
                } else {
                    self.add(Op::Compare(Comparison::Equal, x, y), Type::Boolean, span)?
                };
                let ty = self.ty(*a).clone();
                let null = self.constant(ty.clone(), Constant::Null, span)?;
                self.add(Op::Case(vec![(equal, null)], Some(*a)), ty, span)?
            }
            ("nullif", _) => return Err(wrong("two arguments")),
            ("if", [test, rest @ ..]) if rest.len() == 2 => {
                self.expect_boolean(*test, spans.first().copied().unwrap_or(span), "the condition of IF")?;
                self.choose(&[*test], rest, spans.get(1..).unwrap_or_default(), span)?
            }
            ("if", _) => return Err(wrong("a condition and two values")),
            _ => return Ok(None),
        }))
    }

    /// A function of the table that the syntax names without calling it.
    pub(super) fn named(&mut self, name: &str, args: Vec<NodeId>, span: Span) -> Result<NodeId, Problem> {
        let spans = vec![span; args.len()];
        self.apply(name, find(name), args, &spans, span)
    }

    fn apply(
        &mut self,
        name: &str,
        function: Option<&'static Function>,
        args: Vec<NodeId>,
        spans: &[Span],
        span: Span,
    ) -> Result<NodeId, Problem> {
        let Some(function) = function else {
            let names = all().flat_map(|function| std::iter::once(&function.name).chain(function.aliases)).copied();
            let names = names.chain(["coalesce", "nullif", "ifnull", "if"]);
            let problem = Problem::new(codes::FUNCTION_UNKNOWN, format!("there is no function `{name}`"), span);
            return Err(match did_you_mean(name, names) {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help("`%guard functions` and the reference of expressions list them"),
            });
        };
        arity(function, args.len(), span)?;
        let args = self.arguments(function, args, spans)?;
        let facts: Vec<Facts> = args.iter().map(|id| self.facts(*id).clone()).collect();
        for (position, facts) in facts.iter().enumerate() {
            let Some(param) = function.param(position).filter(|param| param.constant) else { continue };
            if facts.constant.as_ref().is_none_or(|constant| constant.is_null()) {
                let message = format!("`{}` of `{}` must be a constant other than NULL", param.name, function.name);
                let at = spans.get(position).copied().unwrap_or(span);
                return Err(Problem::new(codes::ARGUMENT_TYPES, message, at));
            }
        }
        let wrong = |why: String| Problem::new(codes::ARGUMENT_TYPES, why, span);
        let ty = (function.infer)(&facts).map_err(wrong)?.ty;
        let prepared = function.prepare.map(|prepare| prepare(&facts)).transpose().map_err(wrong)?.flatten();
        let op = Op::Call(FunctionRef(function), args);
        self.add_prepared(op, ty, prepared, span).map_err(|problem| {
            if problem.code == codes::OPERAND_TYPES {
                Problem { code: codes::ARGUMENT_TYPES, ..problem }
            } else {
                problem
            }
        })
    }

    /// Checks the kinds of arguments and converts what is converted without a word.
    fn arguments(
        &mut self,
        function: &'static Function,
        mut args: Vec<NodeId>,
        spans: &[Span],
    ) -> Result<Vec<NodeId>, Problem> {
        let at = |position: usize| spans.get(position).copied().unwrap_or_default();
        let kind = |position: usize| function.param(position).map_or(Kind::Any, |param| param.kind);
        let common: Vec<usize> = (0..args.len()).filter(|position| kind(*position) == Kind::Common).collect();
        if !common.is_empty() {
            let nodes: Vec<NodeId> = common.iter().filter_map(|position| args.get(*position).copied()).collect();
            let places: Vec<Span> = common.iter().map(|position| at(*position)).collect();
            let (unified, _) = self.unify(&nodes, &places, function.name)?;
            for (position, node) in common.iter().zip(unified) {
                if let Some(slot) = args.get_mut(*position) {
                    *slot = node;
                }
            }
        }
        let item = args.first().map(|list| match self.ty(*list) {
            Type::List(item) => item.as_ref().clone(),
            _ => Type::Null,
        });
        let mut out = Vec::with_capacity(args.len());
        for (position, id) in args.iter().enumerate() {
            out.push(self.argument(function, position, *id, (kind(position), item.as_ref()), at(position))?);
        }
        Ok(out)
    }

    fn argument(
        &mut self,
        function: &'static Function,
        position: usize,
        id: NodeId,
        (kind, item): (Kind, Option<&Type>),
        at: Span,
    ) -> Result<NodeId, Problem> {
        let ty = self.ty(id).clone();
        let fits = match (kind, &ty) {
            (Kind::Any | Kind::Common, _) => true,
            (Kind::Boolean, Type::Boolean) | (Kind::Integer, Type::Integer) => true,
            (Kind::Number, ty) => ty.is_numeric() || *ty == Type::Null,
            (Kind::Double, Type::Double) => true,
            (Kind::Double, Type::Integer) => return self.convert(id, &Type::Double, at),
            (Kind::Text, Type::Text) | (Kind::Binary, Type::Binary) => true,
            (Kind::Bytes, Type::Text | Type::Binary) => true,
            (Kind::Date, Type::Date) | (Kind::Time, Type::Time) => true,
            (Kind::Timestamp, Type::Timestamp { .. }) => true,
            (Kind::LocalTimestamp, Type::Timestamp { zoned: false, .. }) => true,
            (Kind::LocalTemporal, Type::Date | Type::Timestamp { zoned: false, .. }) => true,
            (Kind::Temporal, Type::Date | Type::Timestamp { .. }) => true,
            (Kind::Duration, Type::Duration(_)) | (Kind::List, Type::List(_)) => true,
            (Kind::Item, _) => match self.item(id, item, at)? {
                Some(item) => return Ok(item),
                None => false,
            },
            _ => false,
        };
        if fits {
            return Ok(id);
        }
        if kind == Kind::Double
            && let Some(double) = self.literal_double(id, at)
        {
            return Ok(double);
        }
        if ty == Type::Null {
            return match type_of(kind) {
                Some(wanted) => self.convert(id, &wanted, at),
                None => Ok(id),
            };
        }
        Err(wrong_kind(function, position, kind, item, &ty, at))
    }

    /// An argument as an item of a list, if it can be one.
    fn item(&mut self, id: NodeId, item: Option<&Type>, at: Span) -> Result<Option<NodeId>, Problem> {
        let item = item.cloned().unwrap_or(Type::Null);
        let literal = if item == Type::Double { self.literal_double(id, at) } else { None };
        let literal = literal.or_else(|| self.literal_time(id, &item, at)).unwrap_or(id);
        let ty = self.ty(literal).clone();
        if ty == item || item == Type::Null {
            return Ok(Some(literal));
        }
        match (super::types::common_type(&ty, &item), &item) {
            (Some(common), _) if common == item => self.convert(literal, &item, at).map(Some),
            // Precision is no matter where values are compared; their scale is.
            (Some(Type::Decimal { scale, .. }), Type::Decimal { scale: wanted, .. }) if scale == *wanted => match ty {
                Type::Decimal { scale, .. } if scale == *wanted => Ok(Some(literal)),
                _ => self.convert(literal, &Type::Decimal { precision: MAX_PRECISION, scale }, at).map(Some),
            },
            _ => Ok(None),
        }
    }

    /// Functions that SQL spells with keywords.
    pub(super) fn spelled(&mut self, expr: &Expr, span: Span) -> Result<NodeId, Problem> {
        match expr {
            Expr::AtTimeZone { timestamp, time_zone } => {
                let args = vec![self.value(time_zone)?, self.value(timestamp)?];
                self.named("timezone", args, span)
            }
            Expr::Extract { field, expr, .. } => {
                let part = self.text(&field.to_string().trim_matches('\'').to_ascii_lowercase(), span)?;
                let args = vec![part, self.value(expr)?];
                self.named("date_part", args, span)
            }
            Expr::Ceil { expr: arg, field } | Expr::Floor { expr: arg, field } => {
                let name = if matches!(expr, Expr::Ceil { .. }) { "ceil" } else { "floor" };
                match field {
                    CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {
                        let arg = self.value(arg)?;
                        self.named(name, vec![arg], span)
                    }
                    CeilFloorKind::Scale(digits) => {
                        let args = vec![self.value(arg)?, self.literal(digits, span)?];
                        self.named(name, args, span)
                    }
                    CeilFloorKind::DateTimeField(_) => {
                        Err(not_supported("this form of CEIL and FLOOR", expr, "say `date_trunc('month', x)`"))
                    }
                }
            }
            Expr::Position { expr, r#in } => {
                let args = vec![self.value(r#in)?, self.value(expr)?];
                self.named("strpos", args, span)
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(expr, substring_from.as_deref(), substring_for.as_deref(), span)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    None | Some(TrimWhereField::Both) => "trim",
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                };
                let mut args = vec![self.value(expr)?];
                let what = trim_what.as_deref().into_iter().chain(trim_characters.iter().flatten());
                for what in what {
                    args.push(self.value(what)?);
                }
                self.named(name, args, span)
            }
            other => Err(super::refused::form(other)),
        }
    }

    fn substring(
        &mut self,
        expr: &Expr,
        from: Option<&Expr>,
        count: Option<&Expr>,
        span: Span,
    ) -> Result<NodeId, Problem> {
        let mut args = vec![self.value(expr)?];
        match (from, count) {
            (Some(from), _) => args.push(self.value(from)?),
            (None, Some(_)) => args.push(self.constant(Type::Integer, Constant::Integer(1), span)?),
            (None, None) => {}
        }
        if let Some(count) = count {
            args.push(self.value(count)?);
        }
        self.named("substring", args, span)
    }

    fn text(&mut self, text: &str, span: Span) -> Result<NodeId, Problem> {
        self.constant(Type::Text, Constant::Text(text.into()), span)
    }
}

fn arguments(function: &ast::Function) -> Result<Vec<&Expr>, Problem> {
    let list = match &function.args {
        ast::FunctionArguments::None => return Ok(Vec::new()),
        ast::FunctionArguments::Subquery(_) => {
            return Err(not_supported("a subquery", function, "an expression sees one record only"));
        }
        ast::FunctionArguments::List(list) => list,
    };
    if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return Err(not_supported("DISTINCT or ORDER BY in a call", function, "an expression sees one record only"));
    }
    let plain = |arg| match arg {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Ok(expr),
        FunctionArg::Unnamed(
            FunctionArgExpr::QualifiedWildcard(_) | FunctionArgExpr::Wildcard | FunctionArgExpr::WildcardWithOptions(_),
        ) => Err(not_supported("`*` as an argument", function, "name the columns")),
        FunctionArg::Named { .. } | FunctionArg::ExprNamed { .. } => {
            Err(not_supported("a named argument", function, "give arguments in their order"))
        }
    };
    list.args.iter().map(plain).collect()
}

fn arity(function: &Function, given: usize, span: Span) -> Result<(), Problem> {
    let (least, most) = function.arity();
    if given >= least && most.is_none_or(|most| given <= most) {
        return Ok(());
    }
    let wanted = match most {
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least} to {most}"),
        None => format!("at least {least}"),
    };
    let message = format!("`{}` takes {wanted} arguments; {given} are given", function.name);
    Err(Problem::new(codes::ARGUMENT_COUNT, message, span).help(format!("write `{}`", signature(function))))
}

/// `name(a, b [, c])`
pub fn signature(function: &Function) -> String {
    let mut out = format!("{}(", function.name);
    for (position, param) in function.params.iter().enumerate() {
        let comma = if position == 0 { "" } else { ", " };
        if param.optional {
            out.push_str(&format!(" [{}{}]", comma.trim_end(), if comma.is_empty() { "" } else { " " }));
            out.truncate(out.len() - 1);
            out.push_str(&format!("{}]", param.name));
        } else {
            out.push_str(&format!("{comma}{}", param.name));
        }
    }
    if function.variadic {
        out.push_str(", …");
    }
    out.push(')');
    out
}

/// The type that NULL takes for a kind; none for one of several types, whose results may depend on which it is.
fn type_of(kind: Kind) -> Option<Type> {
    use guard_kernels::expr::types::Unit;
    Some(match kind {
        Kind::Boolean => Type::Boolean,
        Kind::Integer => Type::Integer,
        Kind::Double => Type::Double,
        Kind::Text => Type::Text,
        Kind::Binary => Type::Binary,
        Kind::Date => Type::Date,
        Kind::Time => Type::Time,
        Kind::LocalTimestamp => Type::Timestamp { unit: Unit::Microsecond, zoned: false },
        Kind::Duration => Type::Duration(Unit::Microsecond),
        Kind::Bytes | Kind::LocalTemporal | Kind::Temporal | Kind::Timestamp | Kind::Number => return None,
        Kind::List | Kind::Any | Kind::Common | Kind::Item => return None,
    })
}

fn wrong_kind(function: &Function, position: usize, kind: Kind, item: Option<&Type>, ty: &Type, at: Span) -> Problem {
    let wanted = match kind {
        Kind::Boolean => "BOOLEAN".to_owned(),
        Kind::Integer => "BIGINT".to_owned(),
        Kind::Number => "a number".to_owned(),
        Kind::Double => "DOUBLE".to_owned(),
        Kind::Text => "VARCHAR".to_owned(),
        Kind::Binary => "BLOB".to_owned(),
        Kind::Bytes => "VARCHAR or BLOB".to_owned(),
        Kind::Date => "DATE".to_owned(),
        Kind::Time => "TIME".to_owned(),
        Kind::Timestamp => "TIMESTAMP".to_owned(),
        Kind::LocalTimestamp => "TIMESTAMP without time zone".to_owned(),
        Kind::LocalTemporal => "DATE or TIMESTAMP without time zone".to_owned(),
        Kind::Temporal => "DATE or TIMESTAMP".to_owned(),
        Kind::Duration => "INTERVAL".to_owned(),
        Kind::List => "a list".to_owned(),
        Kind::Item => format!("{} as the list has", item.unwrap_or(&Type::Null)),
        Kind::Any | Kind::Common => "another type".to_owned(),
    };
    let name = function.param(position).map_or("argument", |param| param.name);
    let message = format!("`{name}` of `{}` must be {wanted}; this is {ty}", function.name);
    let help = match (kind, ty) {
        (Kind::LocalTimestamp | Kind::LocalTemporal, Type::Timestamp { zoned: true, .. }) => {
            "say in which zone: `ts AT TIME ZONE 'Europe/Berlin'`".to_owned()
        }
        (Kind::Text, _) => "say `CAST(x AS VARCHAR)`".to_owned(),
        (Kind::Double, Type::Decimal { .. }) => {
            "say `CAST(x AS DOUBLE)` if the nearest double is good enough".to_owned()
        }
        (_, Type::Text) => "say `CAST(x AS …)`, or `TRY_CAST` to get NULL for texts that cannot be read".to_owned(),
        _ => format!("write `{}`", signature(function)),
    };
    Problem::new(codes::ARGUMENT_TYPES, message, at).help(help)
}
