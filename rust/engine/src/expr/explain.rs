//! What is known of each sub-expression, as a tree that people read.

use super::lower::Compiler;
use super::problem::Problem;
use super::scope::Scope;
use guard_kernels::expr::facts::{Facts, Range};
use guard_kernels::expr::program::{NodeId, Op};
use guard_kernels::expr::types::Type;
use guard_verdict::Span;
use serde::Serialize;

/// One sub-expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// How deep in the tree, from 0.
    pub depth: usize,
    /// The operation: an operator, a function's name, a column, a literal.
    pub what: String,
    /// Its SQL type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Can be NULL?
    pub nullable: bool,
    /// Its values, in words; empty when any value of the type can occur.
    pub range: String,
    /// Codes of the faults that it can end in, those of its parts included.
    pub faults: Vec<&'static str>,
    /// Nothing in this operation itself can fail, whatever the record: the Arrow types prove it.
    pub proved: bool,
    /// About how many nanoseconds this operation costs a record.
    pub cost: u32,
    /// Where it stands in the text.
    pub span: Span,
    /// It was shown before and is computed once.
    pub again: bool,
}

/// The tree below a node, the node first.
pub fn explain(compiler: &Compiler<'_>, root: NodeId) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut shown = vec![false; compiler.program.nodes().len()];
    let mut todo = vec![(root, 0_usize)];
    while let Some((id, depth)) = todo.pop() {
        let Some(node) = compiler.program.node(id) else { continue };
        let leaf = matches!(node.op, Op::Input(_) | Op::Constant(..));
        let seen = shown.get_mut(id).is_some_and(|seen| std::mem::replace(seen, true));
        let again = seen && !leaf;
        lines.push(Line {
            depth,
            what: what(compiler, &node.op),
            ty: node.facts.ty.to_string(),
            nullable: node.facts.nullable,
            range: range(&node.facts),
            faults: node.facts.faults.iter().map(|fault| fault.name()).collect(),
            proved: node.proved,
            cost: node.op.cost(),
            span: compiler.spans.get(id).copied().unwrap_or_default(),
            again,
        });
        if !again {
            todo.extend(node.operands().into_iter().rev().map(|operand| (operand, depth + 1)));
        }
    }
    lines
}

/// The tree of an expression's text.
pub fn explain_text(text: &str, scope: &Scope) -> Result<Vec<Line>, Problem> {
    let expr = super::syntax::expression(text)?;
    let mut compiler = Compiler::new(scope);
    let (root, _) = compiler.compile(&expr)?;
    Ok(explain(&compiler, root))
}

fn what(compiler: &Compiler<'_>, op: &Op) -> String {
    match op {
        Op::Input(position) => compiler.inputs.get(*position).map_or_else(String::new, |input| input.path.name.clone()),
        Op::Constant(ty, value) => literal(ty, value),
        Op::Not(_) => "NOT".to_owned(),
        Op::And(..) => "AND".to_owned(),
        Op::Or(..) => "OR".to_owned(),
        Op::IsNull(_) => "IS NULL".to_owned(),
        Op::IsTruth(_, true) => "IS TRUE".to_owned(),
        Op::IsTruth(_, false) => "IS FALSE".to_owned(),
        Op::Compare(comparison, ..) => comparison.symbol().to_owned(),
        Op::Distinct(..) => "IS DISTINCT FROM".to_owned(),
        Op::InSet(_, set) => format!("IN ({} members)", set.listed.len()),
        Op::Negate(_) => "-".to_owned(),
        Op::Arithmetic(op, ..) => op.symbol().to_owned(),
        Op::Case(..) => "CASE".to_owned(),
        Op::Coalesce(_) => "COALESCE".to_owned(),
        Op::Cast { attempt: true, .. } => "TRY_CAST".to_owned(),
        Op::Cast { .. } => "CAST".to_owned(),
        Op::AddInterval(..) => "± INTERVAL".to_owned(),
        Op::Field(..) => "field".to_owned(),
        Op::Call(function, _) => format!("{}()", function.0.name),
    }
}

/// A constant as text output shows it; texts in quotes.
pub(crate) fn literal(ty: &Type, value: &guard_kernels::expr::scalar::Constant) -> String {
    use guard_kernels::expr::scalar::Constant;
    let arena = bumpalo::Bump::new();
    match value {
        Constant::Null => "NULL".to_owned(),
        Constant::Text(text) => format!("'{}'", text.replace('\'', "''")),
        other => match guard_kernels::expr::render::render(&arena, other.scalar(&arena), ty) {
            Ok(text) => text.to_owned(),
            Err(_) => "…".to_owned(),
        },
    }
}

/// The shortest digits, with an exponent where they would be many.
fn short(value: f64) -> String {
    let plain = value.to_string();
    if plain.len() > 20 { format!("{value:e}") } else { plain }
}

fn range(facts: &Facts) -> String {
    if facts.constant.is_some() || facts.range == Range::of_type(&facts.ty) {
        return String::new();
    }
    match (facts.range, &facts.ty) {
        (Range::Exact(low, high), ty @ (Type::Integer | Type::Decimal { .. } | Type::Date)) => {
            let end = |value: i128| {
                let value = match ty {
                    Type::Decimal { .. } => guard_kernels::expr::scalar::Constant::Decimal(value),
                    _ => guard_kernels::expr::scalar::Constant::Integer(i64::try_from(value).unwrap_or(i64::MAX)),
                };
                literal(ty, &value)
            };
            let whole = Range::of_type(ty).exact().unwrap_or((low, high));
            match (low <= whole.0, high >= whole.1) {
                (true, true) => String::new(),
                (true, false) => format!("≤ {}", end(high)),
                (false, true) => format!("≥ {}", end(low)),
                (false, false) => format!("{} to {}", end(low), end(high)),
            }
        }
        (Range::Double { low, high, nan: false }, _) if facts.range.is_finite() => {
            match (low <= f64::MIN, high >= f64::MAX) {
                (true, true) => "finite".to_owned(),
                (true, false) => format!("≤ {}", short(high)),
                (false, true) => format!("≥ {}", short(low)),
                (false, false) => format!("{} to {}", short(low), short(high)),
            }
        }
        (Range::Length(0, most), _) => format!("length ≤ {most}"),
        (Range::Length(least, u64::MAX), _) => format!("length ≥ {least}"),
        (Range::Length(least, most), _) => format!("length {least} to {most}"),
        (Range::Truth { yes: true, no: false }, _) => "always TRUE".to_owned(),
        (Range::Truth { yes: false, no: true }, _) => "always FALSE".to_owned(),
        _ => String::new(),
    }
}
