//! A condition on one record at a time: made ready once, and no further evaluated than it takes to decide it.
//!
//! The answers are those of [`evaluate`], whose operations are total: what is not evaluated could not have changed them.

use super::arithmetic::{self, Arithmetic};
use super::compare::{self, Comparison, scale};
use super::decimal;
use super::fault::Fault;
use super::program::{Node, NodeId, Op, Program};
use super::record::{Outcome, call, evaluate, member, types};
use super::scalar::{Constant, Scalar};
use super::set::Set;
use super::types::Type;
use bumpalo::Bump;
use std::cmp::Ordering;
use std::sync::Arc;

/// Parts of the program that are evaluated whole: each costs its nodes again where it shares them with another.
const WHOLES: usize = 8;
/// Nesting that is taken apart; what lies deeper is evaluated whole.
const DEPTH: usize = 64;
/// Arguments of a call that need no arena.
const FEW: usize = 4;

/// TRUE, FALSE or NULL, or a fault.
pub type Truth = Result<Option<bool>, Fault>;

/// A condition of a program, made ready.
#[derive(Debug, Clone)]
pub struct Condition {
    test: Test,
}

/// What has a truth value.
#[derive(Debug, Clone)]
enum Test {
    /// AND, in the order written.
    All(Vec<Test>),
    /// OR, in the order written.
    Any(Vec<Test>),
    Not(Box<Test>),
    IsTruth(Box<Test>, bool),
    IsNull(Operand),
    /// A value and a constant.
    Against(Comparison, Operand, Bound),
    /// Two values, compared by the types of the node's operands.
    Compare(NodeId, Comparison, Operand, Operand),
    InSet(Operand, Arc<Set>),
    Value(Operand),
}

/// What has a value.
#[derive(Debug, Clone)]
enum Operand {
    /// An input that is taken as it is.
    Input(usize),
    Constant(Constant),
    Arithmetic(NodeId, Arithmetic, Box<(Operand, Operand)>),
    Call(NodeId, Vec<Operand>),
    /// Any node, with what it needs.
    Whole(NodeId, Vec<NodeId>),
}

/// A constant that values of one type are compared with; decimals are at the scale of those values.
#[derive(Debug, Clone)]
enum Bound {
    Boolean(bool),
    Integer(i64),
    Decimal(i128),
    Double(f64),
    Text(Arc<str>),
}

impl Condition {
    /// Of a node of a type BOOLEAN. Cost: that of the nodes it needs.
    pub fn new(program: &Program, root: NodeId) -> Condition {
        let budget = program.nodes().len().saturating_mul(2).saturating_add(8);
        let mut builder = Builder { program, parts: budget, wholes: WHOLES, depth: DEPTH };
        let test = builder.test(root).unwrap_or_else(|| Test::Value(whole(program, root)));
        Condition { test }
    }

    /// Its value for a record; `inputs` are in the order of the program from which it was made. Cost: at most that of the nodes it
    /// needs, some of them several times.
    ///
    /// # Errors
    /// The fault that it ends in.
    pub fn holds<'a>(&'a self, program: &'a Program, inputs: &[Scalar<'a>], arena: &'a Bump) -> Truth {
        Run { program, inputs, arena }.test(&self.test)
    }
}

/// A node that is evaluated with all that it needs.
fn whole(program: &Program, root: NodeId) -> Operand {
    Operand::Whole(root, program.needed(&[root]))
}

/// Takes nodes apart as long as that stays small.
struct Builder<'p> {
    program: &'p Program,
    /// How many parts there may still be: equal sub-expressions are one node and become several parts.
    parts: usize,
    wholes: usize,
    depth: usize,
}

impl<'p> Builder<'p> {
    /// Goes one level down; none when there are too many parts, or too deep.
    fn below<T>(&mut self, make: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.parts = self.parts.checked_sub(1)?;
        self.depth = self.depth.checked_sub(1)?;
        let out = make(self);
        self.depth = self.depth.saturating_add(1);
        out
    }

    fn test(&mut self, id: NodeId) -> Option<Test> {
        self.below(|this| {
            let node = this.program.node(id)?;
            Some(match &node.op {
                Op::And(..) => Test::All(this.chain(id, |op| match op {
                    Op::And(a, b) => Some((*a, *b)),
                    _ => None,
                })?),
                Op::Or(..) => Test::Any(this.chain(id, |op| match op {
                    Op::Or(a, b) => Some((*a, *b)),
                    _ => None,
                })?),
                Op::Not(a) => Test::Not(Box::new(this.test(*a)?)),
                Op::IsTruth(a, wanted) => Test::IsTruth(Box::new(this.test(*a)?), *wanted),
                Op::IsNull(a) => Test::IsNull(this.operand(*a)?),
                Op::InSet(a, set) => Test::InSet(this.operand(*a)?, Arc::clone(set)),
                Op::Compare(comparison, a, b) => this.comparison(id, *comparison, (*a, *b))?,
                _ => Test::Value(this.operand(id)?),
            })
        })
    }

    /// The operands of one connective, repeated on the left, in the order written.
    fn chain(&mut self, id: NodeId, split: fn(&Op) -> Option<(NodeId, NodeId)>) -> Option<Vec<Test>> {
        let (mut first, mut rest) = (id, Vec::new());
        while let Some((a, b)) = self.program.node(first).and_then(|node| split(&node.op)) {
            // Each operand takes a part of its own, so that this ends.
            if rest.len() > self.parts {
                return None;
            }
            rest.push(b);
            first = a;
        }
        std::iter::once(first).chain(rest.into_iter().rev()).map(|id| self.test(id)).collect()
    }

    fn comparison(&mut self, id: NodeId, comparison: Comparison, (a, b): (NodeId, NodeId)) -> Option<Test> {
        let op = |id: NodeId| self.program.node(id).map(|node| &node.op);
        let sides = types(self.program.node(id)?);
        if let Some(Op::Constant(_, constant)) = op(b)
            && let Some(bound) = Bound::of(constant, sides.1, sides.0)
        {
            return Some(Test::Against(comparison, self.operand(a)?, bound));
        }
        if let Some(Op::Constant(_, constant)) = op(a)
            && let Some(bound) = Bound::of(constant, sides.0, sides.1)
        {
            return Some(Test::Against(comparison.mirrored(), self.operand(b)?, bound));
        }
        Some(Test::Compare(id, comparison, self.operand(a)?, self.operand(b)?))
    }

    fn operand(&mut self, id: NodeId) -> Option<Operand> {
        self.below(|this| {
            let node = this.program.node(id)?;
            Some(match &node.op {
                Op::Input(position) if plain(node.ty()) => Operand::Input(*position),
                Op::Constant(_, constant) => Operand::Constant(constant.clone()),
                Op::Arithmetic(op, a, b) => {
                    Operand::Arithmetic(id, *op, Box::new((this.operand(*a)?, this.operand(*b)?)))
                }
                Op::Call(_, args) => Operand::Call(id, args.iter().map(|id| this.operand(*id)).collect::<Option<_>>()?),
                _ => {
                    this.wholes = this.wholes.checked_sub(1)?;
                    whole(this.program, id)
                }
            })
        })
    }
}

/// Are inputs of a type taken as they are? Dates may lie beyond what a date32 holds, in lists and structs too.
fn plain(ty: &Type) -> bool {
    match ty {
        Type::Boolean | Type::Integer | Type::Decimal { .. } | Type::Double | Type::Text => true,
        Type::List(item) => plain(item),
        _ => false,
    }
}

impl Bound {
    /// A constant of type `from` for values of type `to`; none where comparing takes more than looking at both.
    fn of(constant: &Constant, from: &Type, to: &Type) -> Option<Bound> {
        match (constant, to) {
            (Constant::Decimal(digits), Type::Decimal { .. }) => {
                let up = scale(to).checked_sub(scale(from))?;
                digits.checked_mul(decimal::pow10(up)?).map(Bound::Decimal)
            }
            _ if from != to => None,
            (Constant::Boolean(value), _) => Some(Bound::Boolean(*value)),
            (Constant::Integer(value), _) => Some(Bound::Integer(*value)),
            (Constant::Double(value), _) => Some(Bound::Double(*value)),
            (Constant::Text(value), _) => Some(Bound::Text(Arc::clone(value))),
            _ => None,
        }
    }

    /// Does a value compare so with it?
    #[inline(always)]
    fn compared(&self, comparison: Comparison, value: &Scalar<'_>) -> Truth {
        let order = match (value, self) {
            (Scalar::Null, _) => return Ok(None),
            (Scalar::Text(a), Bound::Text(b)) => match comparison {
                Comparison::Equal => return Ok(Some(**a == **b)),
                Comparison::NotEqual => return Ok(Some(**a != **b)),
                _ => (**a).cmp(&**b),
            },
            (Scalar::Decimal(a), Bound::Decimal(b)) => a.cmp(b),
            (Scalar::Integer(a), Bound::Integer(b)) => a.cmp(b),
            (Scalar::Double(a), Bound::Double(b)) => a.partial_cmp(b).ok_or(Fault::NotFinite)?,
            (Scalar::Boolean(a), Bound::Boolean(b)) => a.cmp(b),
            // The checker admits no other pair.
            _ => return Err(Fault::ArgumentOutOfRange),
        };
        Ok(Some(comparison.holds(order)))
    }
}

/// One evaluation.
struct Run<'r, 'a> {
    program: &'a Program,
    inputs: &'r [Scalar<'a>],
    arena: &'a Bump,
}

impl<'a> Run<'_, 'a> {
    /// Recursion is bounded by [`DEPTH`].
    fn test(&self, test: &'a Test) -> Truth {
        match test {
            Test::All(tests) => self.connected(tests, false),
            Test::Any(tests) => self.connected(tests, true),
            Test::Not(inner) => Ok(self.test(inner)?.map(|value| !value)),
            Test::IsTruth(inner, wanted) => Ok(Some(self.test(inner)? == Some(*wanted))),
            Test::IsNull(operand) => self.with(operand, |value| Ok(Some(value.is_null()))),
            Test::Against(comparison, operand, bound) => self.with(operand, |value| bound.compared(*comparison, value)),
            Test::Compare(id, comparison, a, b) => self.compared(*id, *comparison, a, b),
            Test::InSet(operand, set) => self.with(operand, |value| truth(member(*value, set)?)),
            Test::Value(operand) => self.with(operand, |value| truth(*value)),
        }
    }

    /// AND (decided by FALSE) and OR (decided by TRUE): else the first fault stands, then NULL.
    fn connected(&self, tests: &'a [Test], decides: bool) -> Truth {
        let mut out = Ok(Some(!decides));
        for test in tests {
            match self.test(test) {
                Ok(Some(value)) if value == decides => return Ok(Some(decides)),
                Ok(Some(_)) => {}
                other if out.is_ok() => {
                    // NULL does not take the place of a fault.
                    out = other;
                }
                _ => {}
            }
        }
        out
    }

    /// Inputs are looked at where they stand.
    #[inline(always)]
    fn with<T>(&self, operand: &'a Operand, see: impl FnOnce(&Scalar<'a>) -> Result<T, Fault>) -> Result<T, Fault> {
        match operand {
            Operand::Input(position) => see(self.inputs.get(*position).unwrap_or(&Scalar::Null)),
            other => see(&self.value(other)?),
        }
    }

    fn compared(&self, id: NodeId, comparison: Comparison, a: &'a Operand, b: &'a Operand) -> Truth {
        let (a, b) = (self.value(a)?, self.value(b)?);
        if a.is_null() || b.is_null() {
            return Ok(None);
        }
        let order: Ordering = compare::order(a, b, self.node(id).map_or((&Type::Null, &Type::Null), types))?;
        Ok(Some(comparison.holds(order)))
    }

    fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.program.node(id)
    }

    /// Recursion is bounded by [`DEPTH`].
    fn value(&self, operand: &'a Operand) -> Outcome<'a> {
        match operand {
            Operand::Input(position) => Ok(self.inputs.get(*position).copied().unwrap_or(Scalar::Null)),
            Operand::Constant(constant) => Ok(constant.scalar(self.arena)),
            Operand::Arithmetic(id, op, sides) => {
                let (a, b) = (self.value(&sides.0)?, self.value(&sides.1)?);
                if a.is_null() || b.is_null() {
                    return Ok(Scalar::Null);
                }
                arithmetic::apply(*op, a, b, self.node(*id).map_or((&Type::Null, &Type::Null), types))
            }
            Operand::Call(id, operands) => self.called(*id, operands),
            Operand::Whole(root, needed) => {
                let values = evaluate(self.program, needed, self.inputs, self.arena);
                values.get(*root).copied().unwrap_or(Ok(Scalar::Null))
            }
        }
    }

    /// A call; the leftmost fault of its arguments stands.
    fn called(&self, id: NodeId, operands: &'a [Operand]) -> Outcome<'a> {
        let Some(node) = self.node(id) else { return Ok(Scalar::Null) };
        let mut few = [Scalar::Null; FEW];
        let args = match few.get_mut(..operands.len()) {
            Some(few) => few,
            None => self.arena.alloc_slice_fill_copy(operands.len(), Scalar::Null),
        };
        for (arg, operand) in args.iter_mut().zip(operands) {
            match operand {
                // Straight into their place: a copy of the whole would wait for the parts that were just written.
                Operand::Input(position) => *arg = *self.inputs.get(*position).unwrap_or(&Scalar::Null),
                Operand::Constant(Constant::Text(text)) => *arg = Scalar::Text(text),
                Operand::Constant(Constant::Integer(value)) => *arg = Scalar::Integer(*value),
                other => *arg = self.value(other)?,
            }
        }
        call(node, args, self.arena)
    }
}

/// What is no truth value is NULL.
#[inline(always)]
fn truth(value: Scalar<'_>) -> Truth {
    match value {
        Scalar::Boolean(value) => Ok(Some(value)),
        _ => Ok(None),
    }
}
