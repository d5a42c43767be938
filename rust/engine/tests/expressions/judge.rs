//! Compiles a text, evaluates it in both ways, and holds the results against each other and against what was claimed.

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use bumpalo::Bump;
use guard_engine::expr::{Column, Compiler, Parameters, Problem, Scope, expression};
use guard_engine::plan::ColumnPath;
use guard_kernels::expr::condition::Condition;
use guard_kernels::expr::facts::{Facts, Range};
use guard_kernels::expr::program::NodeId;
use guard_kernels::expr::record::{self, Outcome};
use guard_kernels::expr::scalar::{Constant, Scalar, belongs};
use guard_kernels::expr::types::Type;
use guard_kernels::expr::vector::{self, Plan, Values, scalar_at};

/// A batch and three accounts of it.
pub struct Frame {
    pub batch: RecordBatch,
    pub rows: usize,
    /// What Arrow types say.
    pub wide: Scope,
    /// What the values say besides.
    pub narrow: Scope,
    /// What is not so: a contract that records violate.
    pub lying: Scope,
}

/// How a text ended.
pub enum Judged {
    Refused(Problem),
    /// Values and faults compared.
    Ran {
        compared: usize,
        faults: usize,
    },
}

impl Frame {
    pub fn new(batch: RecordBatch, parameters: &Parameters) -> Frame {
        let scope = |facts: &dyn Fn(&Facts, &dyn Array) -> Facts| {
            let schema = batch.schema();
            let columns = schema.fields().iter().zip(batch.columns()).enumerate().map(|(position, (field, array))| {
                let data_type = field.data_type().clone();
                let ty = Type::of_arrow(&data_type).expect("a type that expressions read");
                let wide = Facts { nullable: true, range: arrow_range(&data_type, &ty), ..Facts::of_type(ty) };
                let path = ColumnPath { steps: vec![position], name: field.name().clone(), data_type };
                Column {
                    name: field.name().clone(),
                    aliases: Vec::new(),
                    path,
                    facts: facts(&wide, array.as_ref()),
                    wide,
                    refused: None,
                }
            });
            Scope::new(columns.collect(), parameters.clone(), vec!["input".to_owned()])
        };
        Frame {
            rows: batch.num_rows(),
            wide: scope(&|wide, _| wide.clone()),
            narrow: scope(&|wide, array| seen(wide, array, 0, array.len())),
            lying: scope(&|wide, array| Facts { nullable: false, ..seen(wide, array, 0, 1.min(array.len())) }),
            batch,
        }
    }

    fn inputs(&self, compiler: &Compiler<'_>) -> Vec<ArrayRef> {
        compiler.inputs.iter().map(|input| input.path.resolve(&self.batch).expect("a column of the batch")).collect()
    }
}

/// The values that an Arrow type can hold (S6.2, S6.3).
fn arrow_range(data_type: &DataType, ty: &Type) -> Range {
    let bounds = |least: i64, most: i64| Range::Exact(least.into(), most.into());
    match data_type {
        DataType::Int8 => bounds(i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => bounds(i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => bounds(i32::MIN.into(), i32::MAX.into()),
        DataType::UInt8 => bounds(0, u8::MAX.into()),
        DataType::UInt16 => bounds(0, u16::MAX.into()),
        DataType::UInt32 => bounds(0, u32::MAX.into()),
        DataType::UInt64 => Range::Exact(0, u64::MAX.into()),
        DataType::Date64 => bounds(i64::MIN / 86_400_000 - 1, i64::MAX / 86_400_000),
        DataType::Time32(_) | DataType::Time64(_) => Range::INTEGER,
        DataType::Dictionary(_, values) => arrow_range(values, ty),
        _ => Range::of_type(ty),
    }
}

/// The facts of the values in `[start, end)`.
pub fn seen(wide: &Facts, array: &dyn Array, start: usize, end: usize) -> Facts {
    let arena = Bump::new();
    let values: Vec<_> = (start..end).map(|row| scalar_at(array, row, &arena)).collect();
    facts_of(wide, &values)
}

/// The facts of these values.
pub fn facts_of(wide: &Facts, values: &[Scalar<'_>]) -> Facts {
    let found =
        values.iter().filter(|value| !value.is_null()).map(|value| Range::of_value(*value)).reduce(Range::union);
    let range = found.unwrap_or(wide.range);
    Facts { nullable: values.iter().any(|value| value.is_null()), range, ..wide.clone() }
}

/// Bit for bit; NaN is NaN.
pub fn same(a: Outcome<'_>, b: Outcome<'_>) -> bool {
    match (a, b) {
        (Ok(a), Ok(b)) => same_value(a, b),
        (Err(a), Err(b)) => a == b,
        _ => false,
    }
}

fn same_value(a: Scalar<'_>, b: Scalar<'_>) -> bool {
    match (a, b) {
        (Scalar::Double(a), Scalar::Double(b)) => a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()),
        (Scalar::List(a), Scalar::List(b)) | (Scalar::Struct(a), Scalar::Struct(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(*a, *b))
        }
        (a, b) => a == b,
    }
}

/// What was claimed of a node, against an outcome.
pub fn keeps(facts: &Facts, outcome: Outcome<'_>) -> Result<(), String> {
    match outcome {
        Err(fault) if facts.faults.contains(fault) => Ok(()),
        Err(fault) => Err(format!("fails undeclared: {fault:?}, declared {:?}", facts.faults)),
        Ok(value) if !belongs(value, &facts.ty) => Err(format!("{value:?} is no {}", facts.ty)),
        Ok(Scalar::Null) if facts.nullable => Ok(()),
        Ok(Scalar::Null) => Err("is NULL and was said never to be".to_owned()),
        Ok(value) if !facts.range.contains(value) => Err(format!("{value:?} not in {:?}", facts.range)),
        Ok(value) => match &facts.constant {
            Some(constant) if !matches!(value, Scalar::Struct(_)) && Constant::of(value) != *constant => {
                Err(format!("{value:?} is not the constant {constant:?}"))
            }
            _ => Ok(()),
        },
    }
}

/// Is the place of a problem in the text?
pub fn placed(text: &str, problem: &Problem) -> Result<(), String> {
    let span = problem.span;
    let lines: Vec<&str> = text.split('\n').collect();
    let inside = span.line >= 1
        && lines.get(span.line - 1).is_some_and(|line| (1..=line.chars().count() + 1).contains(&span.column));
    if inside || problem.message.is_empty() {
        return Ok(());
    }
    Err(format!("the place {span:?} of `{}: {}` is not in the text", problem.code.name(), problem.message))
}

/// A text compiled over one account of a frame.
pub struct Compiled<'s> {
    pub compiler: Compiler<'s>,
    pub root: NodeId,
    needed: Vec<NodeId>,
    inputs: Vec<ArrayRef>,
}

impl<'s> Compiled<'s> {
    pub fn new(frame: &Frame, scope: &'s Scope, tree: &sqlparser::ast::Expr) -> Result<Compiled<'s>, Problem> {
        let mut compiler = Compiler::new(scope);
        let (root, _) = compiler.compile(tree)?;
        let needed = compiler.program.needed(&[root]);
        let inputs = frame.inputs(&compiler);
        Ok(Compiled { compiler, root, needed, inputs })
    }
}

/// Everything that is to hold of a text over a frame; the error says what does not.
pub fn judge(frame: &Frame, text: &str) -> Result<Judged, String> {
    let refused = |problem: Problem| placed(text, &problem).map(|()| Judged::Refused(problem));
    let tree = match expression(text) {
        Ok(tree) => tree,
        Err(problem) => return refused(problem),
    };
    let wide = match Compiled::new(frame, &frame.wide, &tree) {
        Ok(wide) => wide,
        Err(problem) => return refused(problem),
    };
    let others = [&frame.narrow, &frame.lying].map(|scope| Compiled::new(frame, scope, &tree));
    let [narrow, lying] =
        others.map(|other| other.map_err(|problem| format!("other facts refuse it: {}", problem.sentence())));
    let (narrow, lying) = (narrow?, lying?);
    let arena = Bump::new();
    let reference = Run::new(frame, &wide, &arena)?;
    reference.check()?;
    let sharper = Run::new(frame, &narrow, &arena)?;
    sharper.check().map_err(|why| format!("with narrow facts: {why}"))?;
    let misled = Run::new(frame, &lying, &arena)?;
    for (name, run) in [("narrow", &sharper), ("lying", &misled)] {
        for (row, (a, b)) in reference.root().zip(run.root()).enumerate() {
            if !same(a, b) {
                return Err(format!("record {row}: {a:?}, and {b:?} under {name} facts"));
            }
        }
    }
    let runs = [&reference, &sharper, &misled];
    let compared = runs.iter().map(|run| run.compared()).sum();
    Ok(Judged::Ran { compared, faults: runs.iter().map(|run| run.faults()).sum() })
}

/// One evaluation, record by record.
pub struct Run<'a> {
    compiled: &'a Compiled<'a>,
    records: Vec<&'a [Outcome<'a>]>,
}

impl<'a> Run<'a> {
    /// Evaluates every record alone, then holds the vectorised values against that.
    pub fn new(frame: &Frame, compiled: &'a Compiled<'a>, arena: &'a Bump) -> Result<Run<'a>, String> {
        let record = |row| {
            let values: Vec<_> = compiled.inputs.iter().map(|array| scalar_at(array.as_ref(), row, arena)).collect();
            record::evaluate(&compiled.compiler.program, &compiled.needed, &values, arena)
        };
        let run = Run { compiled, records: (0..frame.rows).map(record).collect() };
        run.conditions(frame.rows, arena)?;
        run.chunk(0, frame.rows)?;
        let mut at = 0;
        for size in [1, 63, 64, 65, 127].iter().cycle() {
            if at >= frame.rows {
                break;
            }
            run.chunk(at, (*size).min(frame.rows - at))?;
            at += size;
        }
        Ok(run)
    }

    /// Each truth value as a condition of its own.
    fn conditions(&self, rows: usize, arena: &'a Bump) -> Result<(), String> {
        let Compiled { compiler, needed, inputs, .. } = self.compiled;
        let program = &compiler.program;
        for &id in needed.iter().filter(|id| program.node(**id).is_some_and(|node| *node.ty() == Type::Boolean)) {
            let condition = Condition::new(program, id);
            for row in 0..rows {
                let values: Vec<_> = inputs.iter().map(|array| scalar_at(array.as_ref(), row, arena)).collect();
                let found = condition
                    .holds(program, &values, &Bump::new())
                    .map(|value| value.map_or(Scalar::Null, Scalar::Boolean));
                if !same(self.records[row][id], found) {
                    let wanted = self.records[row][id];
                    return Err(format!("record {row}: {wanted:?} evaluated, {found:?} as {condition:?}"));
                }
            }
        }
        Ok(())
    }

    fn chunk(&self, start: usize, rows: usize) -> Result<(), String> {
        let Compiled { compiler, root, needed, inputs } = self.compiled;
        let (program, root) = (&compiler.program, *root);
        let mut values = Values::default();
        vector::evaluate(program, needed, inputs, start, rows, &mut values);
        let arena = Bump::new();
        for &id in needed {
            let vector = values.get(id).ok_or("a node has no vector")?;
            for row in 0..rows {
                let (one, many) = (self.records[start + row][id], vector.get(row, &arena));
                if !same(one, many) {
                    let op = program.node(id).map(|node| &node.op);
                    return Err(format!("record {}: {one:?} alone, {many:?} among {rows} of {op:?}", start + row));
                }
            }
        }
        let mut planned = Values::default();
        vector::run(program, &Plan::new(program, &[root]), inputs, start, rows, &mut planned);
        let planned = planned.get(root).ok_or("the root has no vector")?;
        for row in 0..rows {
            let (one, many) = (self.records[start + row][root], planned.get(row, &arena));
            if !same(one, many) {
                return Err(format!("record {}: {one:?} alone, {many:?} planned among {rows}", start + row));
            }
        }
        let ty = compiler.facts(root).ty.clone();
        let array = vector::array(values.get(root).ok_or("no root")?, &ty, rows);
        if array.data_type() != &ty.to_arrow() || array.len() != rows {
            return Err(format!("the array of {ty} is {} × {}", array.len(), array.data_type()));
        }
        for row in 0..rows {
            let (one, out) = (self.records[start + row][root], scalar_at(array.as_ref(), row, &arena));
            if !same(Ok(one.unwrap_or(Scalar::Null)), Ok(out)) {
                return Err(format!("record {}: {one:?} is {out:?} as {}", start + row, array.data_type()));
            }
        }
        Ok(())
    }

    /// Holds every node's values against its facts.
    pub fn check(&self) -> Result<(), String> {
        for &id in &self.compiled.needed {
            let node = self.compiled.compiler.program.node(id).ok_or("a node is missing")?;
            for (row, values) in self.records.iter().enumerate() {
                let args = || node.op.operands().into_iter().map(|id| values[id]).collect::<Vec<_>>();
                keeps(&node.facts, values[id])
                    .map_err(|why| format!("record {row}, {:?} of {:?}: {why}", node.op, args()))?;
                if node.proved && values[id].is_err() && args().iter().all(Result::is_ok) {
                    return Err(format!("record {row}, {:?} of {:?} fails and was proved not to", node.op, args()));
                }
            }
        }
        Ok(())
    }

    /// The expression's outcomes.
    pub fn root(&self) -> impl Iterator<Item = Outcome<'a>> {
        self.records.iter().map(|values| values[self.compiled.root])
    }

    fn compared(&self) -> usize {
        self.compiled.needed.len() * self.records.len()
    }

    fn faults(&self) -> usize {
        self.root().filter(Result::is_err).count()
    }
}
