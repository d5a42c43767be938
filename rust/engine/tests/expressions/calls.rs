//! Calls that compile, found by trying each function of the table on arguments of every kind that it takes.

use super::judge::Frame;
use super::texts::{Ty, leaf_texts};
use guard_engine::expr::{Compiler, expression};
use guard_kernels::expr::function::{Function, Kind};
use guard_kernels::expr::functions::all;
use sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments};

/// An argument: any value of a type, or one of these literals.
#[derive(Debug, Clone)]
pub enum Arg {
    Of(Ty),
    Literal(Vec<String>),
}

/// A function on arguments of given types.
#[derive(Debug, Clone)]
pub struct Call {
    pub name: &'static str,
    pub args: Vec<Arg>,
    pub result: Ty,
}

/// The calls that a frame's scope admits.
pub fn calls(frame: &Frame) -> Vec<Call> {
    all().flat_map(|function| calls_of(frame, function)).collect()
}

fn calls_of(frame: &Frame, function: &'static Function) -> Vec<Call> {
    let (least, most) = function.arity();
    let most = most.unwrap_or(function.params.len() + 1);
    let mut found: Vec<Call> = Vec::new();
    for arity in least..=most {
        for variant in 0..12 {
            let args: Vec<Arg> = (0..arity).map(|position| argument(function, position, variant)).collect();
            let texts: Vec<String> = args
                .iter()
                .map(|arg| match arg {
                    Arg::Of(ty) => leaf_texts(*ty)[0].clone(),
                    Arg::Literal(texts) => texts[variant % texts.len()].clone(),
                })
                .collect();
            let known = |found: &[Call]| found.iter().any(|call| format!("{:?}", call.args) == format!("{args:?}"));
            if known(&found) {
                continue;
            }
            let text = format!("{}({})", function.name, texts.join(", "));
            let Ok(tree) = expression(&text) else { continue };
            let mut compiler = Compiler::new(&frame.wide);
            let Ok((root, _)) = compiler.compile(&tree) else { continue };
            if let Some(result) = Ty::of(&compiler.facts(root).ty) {
                found.push(Call { name: function.name, args, result });
            }
        }
    }
    found
}

fn argument(function: &'static Function, position: usize, variant: usize) -> Arg {
    let param = function.param(position).expect("a parameter");
    if param.constant {
        let mut texts: Vec<String> =
            function.examples.iter().filter_map(|(text, _)| example_argument(text, function, position)).collect();
        texts.sort();
        texts.dedup();
        if texts.is_empty() {
            texts.push(if param.kind == Kind::Integer { "1".to_owned() } else { "'a'".to_owned() });
        }
        return Arg::Literal(texts);
    }
    let numbers = [Ty::Int, Ty::Dec, Ty::Dbl];
    let any = [
        Ty::Int,
        Ty::Text,
        Ty::Dec,
        Ty::Dbl,
        Ty::Bool,
        Ty::Date,
        Ty::Ts,
        Ty::Time,
        Ty::Tz,
        Ty::Bin,
        Ty::Ints,
        Ty::Texts,
    ];
    let pick = |of: &[Ty]| of[variant % of.len()];
    let lists = [Ty::Ints, Ty::Texts, Ty::Dbls, Ty::Decs, Ty::Bools];
    let items = [Ty::Int, Ty::Text, Ty::Dbl, Ty::Dec, Ty::Bool];
    Arg::Of(match param.kind {
        Kind::Boolean => Ty::Bool,
        Kind::Integer => Ty::Int,
        Kind::Number => pick(&numbers),
        Kind::Double => pick(&[Ty::Dbl, Ty::Int]),
        Kind::Text => Ty::Text,
        Kind::Binary => Ty::Bin,
        Kind::Bytes => pick(&[Ty::Text, Ty::Bin]),
        Kind::Date => Ty::Date,
        Kind::Time => Ty::Time,
        Kind::Timestamp => pick(&[Ty::Ts, Ty::Tz]),
        Kind::LocalTimestamp => Ty::Ts,
        Kind::LocalTemporal => pick(&[Ty::Date, Ty::Ts]),
        Kind::Temporal => pick(&[Ty::Date, Ty::Ts, Ty::Tz]),
        Kind::Duration => Ty::Dur,
        Kind::List => pick(&lists),
        Kind::Item => pick(&items),
        Kind::Any | Kind::Common => pick(&any),
    })
}

/// The literal at a position of the example's call.
fn example_argument(text: &str, function: &Function, position: usize) -> Option<String> {
    let Expr::Function(call) = expression(text).ok()? else { return None };
    let name = call.name.to_string().to_ascii_lowercase();
    if name != function.name && !function.aliases.contains(&name.as_str()) {
        return None;
    }
    let FunctionArguments::List(list) = call.args else { return None };
    match list.args.get(position)? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.to_string()),
        _ => None,
    }
}
