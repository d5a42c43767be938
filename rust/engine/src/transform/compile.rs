//! Text to program.

use super::lineage::{Lineage, lineage};
use crate::expr::{self, Compiler, Input, Item, Line, Problem, Scope, explain};
use arrow_schema::{Field, Schema, SchemaRef};
use guard_kernels::expr::facts::Facts;
use guard_kernels::expr::program::{NodeId, Op, Program};
use guard_kernels::expr::types::has_long_dates;
use guard_kernels::expr::vector::Plan;
use guard_verdict::{Span, codes::expression as codes};
use sqlparser::ast::{Expr, Ident};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most items of a SELECT list.
const ITEM_LIMIT: usize = 10_000;

/// One output column.
pub struct Output {
    /// Its name.
    pub name: String,
    /// The node that computes it.
    pub root: NodeId,
    /// What is known of it.
    pub facts: Facts,
    /// Set when it is an input column as it stands: the position among the inputs. Values and type pass unchanged.
    pub passes: Option<usize>,
    /// Which columns feed it.
    pub lineage: Lineage,
    /// Its tree.
    pub tree: Vec<Line>,
}

/// A transform compiled against a schema.
pub struct Transform {
    /// The text.
    pub text: String,
    /// What is computed.
    pub program: Program,
    /// The nodes to compute, in order of evaluation.
    pub needed: Vec<NodeId>,
    /// How outputs and condition are computed for many records.
    pub plan: Plan,
    /// The columns read.
    pub inputs: Vec<Input>,
    /// In order.
    pub outputs: Vec<Output>,
    /// The condition of WHERE, with its tree.
    pub condition: Option<(NodeId, Vec<Line>)>,
    /// Parameters that the text uses.
    pub parameters: BTreeSet<String>,
    /// Schema of the output.
    pub schema: SchemaRef,
}

impl Transform {
    /// Compiles `SELECT … FROM input [WHERE …]` over a scope. Cost grows with the text.
    pub fn compile(text: &str, scope: &Scope) -> Result<Transform, Problem> {
        Self::compiled(text, scope).map_err(|problem| problem.placed(Span::default()))
    }

    fn compiled(text: &str, scope: &Scope) -> Result<Transform, Problem> {
        let query = expr::query(text)?;
        if let Some(span) = query.counts {
            let message = "COUNT(*) is of many records; a transform sees one";
            return Err(Problem::new(codes::NOT_SUPPORTED, message, span));
        }
        if !scope.tables.iter().any(|table| table.eq_ignore_ascii_case(&query.table)) {
            let message = format!("there is no table `{}`", query.table);
            let help = format!("write `FROM {}`", scope.tables.first().map_or("input", String::as_str));
            return Err(Problem::new(codes::COLUMN_UNKNOWN, message, query.table_at).help(help));
        }
        let mut compiler = Compiler::new(scope);
        let condition = query.condition.as_ref().map(|expr| compiler.condition(expr)).transpose()?;
        let mut named: Vec<(String, NodeId)> = Vec::new();
        for item in &query.items {
            match item {
                Item::All(span) => {
                    for column in scope.columns.iter().filter(|column| !column.path.steps.is_empty()) {
                        let name = Ident {
                            value: column.name.clone(),
                            quote_style: Some('"'),
                            span: sqlparser::tokenizer::Span::empty(),
                        };
                        let (root, _) = compiler.compile(&Expr::Identifier(name))?;
                        add(&mut named, column.name.clone(), root, *span)?;
                    }
                }
                Item::One(expr, alias, span) => {
                    let name = name_of(expr, alias.as_ref(), *span)?;
                    let (root, _) = compiler.compile(expr)?;
                    add(&mut named, name, root, *span)?;
                }
            }
        }
        Ok(finish(text, compiler, condition.map(|(root, _)| root), named))
    }

    /// The faults that records can end in.
    pub fn faults(&self) -> Vec<&'static str> {
        let roots = self.outputs.iter().map(|output| output.root).chain(self.condition.as_ref().map(|(root, _)| *root));
        let facts = roots.filter_map(|root| self.program.node(root));
        let all = facts.fold(guard_kernels::expr::fault::Faults::NONE, |all, node| all.and(node.facts.faults));
        all.iter().map(|fault| fault.name()).collect()
    }

    /// About how many nanoseconds a record costs.
    pub fn cost(&self) -> u64 {
        self.needed.iter().filter_map(|id| self.program.node(*id)).map(|node| u64::from(node.op.cost())).sum()
    }
}

fn add(named: &mut Vec<(String, NodeId)>, name: String, root: NodeId, span: Span) -> Result<(), Problem> {
    if named.iter().any(|(known, _)| *known == name) {
        let message = format!("two items are called `{name}`");
        return Err(Problem::new(codes::ITEM_NAME, message, span).help("name them apart: `expression AS name`"));
    }
    if named.len() >= ITEM_LIMIT {
        let message = format!("the SELECT list has more than {ITEM_LIMIT} items");
        return Err(Problem::new(codes::TOO_LARGE, message, span));
    }
    named.push((name, root));
    Ok(())
}

fn name_of(expr: &Expr, alias: Option<&Ident>, span: Span) -> Result<String, Problem> {
    let name = match (alias, expr) {
        (Some(alias), _) => Some(&alias.value),
        (None, Expr::Identifier(name)) => Some(&name.value),
        (None, Expr::CompoundIdentifier(names)) => names.last().map(|name| &name.value),
        _ => None,
    };
    match name {
        Some(name) if !name.is_empty() => Ok(name.clone()),
        _ => {
            let message = "this item has no name";
            Err(Problem::new(codes::ITEM_NAME, message, span).help("name it: `expression AS name`"))
        }
    }
}

/// The roots without columns that pass as they stand. Those with dates that a date32 may not hold are looked at.
fn computed(compiler: &Compiler<'_>, roots: &[NodeId], condition: Option<NodeId>) -> Vec<NodeId> {
    let passes = |root: &NodeId| match compiler.program.node(*root).map(|node| &node.op) {
        Some(Op::Input(position)) => {
            compiler.inputs.get(*position).is_some_and(|input| !has_long_dates(&input.path.data_type))
        }
        _ => false,
    };
    roots.iter().copied().filter(|root| !passes(root) || condition == Some(*root)).collect()
}

fn finish(text: &str, compiler: Compiler<'_>, condition: Option<NodeId>, named: Vec<(String, NodeId)>) -> Transform {
    let roots: Vec<NodeId> = named.iter().map(|(_, root)| *root).chain(condition).collect();
    let needed = compiler.program.needed(&roots);
    let plan = Plan::new(&compiler.program, &computed(&compiler, &roots, condition));
    let outputs = named.into_iter().map(|(name, root)| {
        let facts = compiler.facts(root).clone();
        let passes = match compiler.program.node(root).map(|node| &node.op) {
            Some(Op::Input(position)) => Some(*position),
            _ => None,
        };
        let lineage = lineage(&compiler, root, condition);
        Output { name, root, facts, passes, lineage, tree: explain(&compiler, root) }
    });
    let outputs: Vec<Output> = outputs.collect();
    let fields: Vec<Field> = outputs.iter().map(|output| field(&compiler, output)).collect();
    let condition = condition.map(|root| (root, explain(&compiler, root)));
    let Compiler { program, inputs, parameters, .. } = compiler;
    let schema = Arc::new(Schema::new(fields));
    Transform { text: text.to_owned(), program, needed, plan, inputs, outputs, condition, parameters, schema }
}

/// Every output may be NULL for Arrow; what is known better stands in the facts.
fn field(compiler: &Compiler<'_>, output: &Output) -> Field {
    let passed = output.passes.and_then(|position| compiler.inputs.get(position));
    let ty = passed.map_or_else(|| output.facts.ty.to_arrow(), |input| input.path.data_type.clone());
    Field::new(&output.name, ty, true)
}
