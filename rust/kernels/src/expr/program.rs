//! The typed expression: nodes in the order in which they are evaluated, each at most once.

use super::arithmetic::Arithmetic;
use super::compare::Comparison;
use super::facts::Facts;
use super::function::{Function, Prepared};
use super::interval::Interval;
use super::scalar::Constant;
use super::set::Set;
use super::types::Type;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Position of a node in its program.
pub type NodeId = usize;

/// What a node computes. Operands are earlier nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// The input of this position.
    Input(usize),
    /// A literal or bound parameter.
    Constant(Type, Constant),
    /// Three-valued.
    Not(NodeId),
    /// FALSE decides.
    And(NodeId, NodeId),
    /// TRUE decides.
    Or(NodeId, NodeId),
    /// Never NULL.
    IsNull(NodeId),
    /// IS TRUE, IS FALSE.
    IsTruth(NodeId, bool),
    /// Operands of one type, two decimals, or an integer and a double.
    Compare(Comparison, NodeId, NodeId),
    /// IS DISTINCT FROM, operands as for comparisons.
    Distinct(NodeId, NodeId),
    /// IN a list of constants.
    InSet(NodeId, Arc<Set>),
    /// Unary minus.
    Negate(NodeId),
    /// Operands of one type, or two decimals; dates and timestamps are subtracted as ticks.
    Arithmetic(Arithmetic, NodeId, NodeId),
    /// The value of the first condition that is TRUE.
    Case(Vec<(NodeId, NodeId)>, Option<NodeId>),
    /// The first value that is not NULL.
    Coalesce(Vec<NodeId>),
    /// The value in the node's type; TRY_CAST when `attempt`.
    Cast {
        /// The value.
        arg: NodeId,
        /// What it is cast to: casts of one value to two types are two operations.
        to: Type,
        /// Faults of the cast yield NULL.
        attempt: bool,
        /// A narrower integer.
        bounds: Option<(i64, i64)>,
    },
    /// A date or timestamp and an interval.
    AddInterval(NodeId, Interval),
    /// A struct's field.
    Field(NodeId, usize),
    /// A function of the table.
    Call(FunctionRef, Vec<NodeId>),
}

/// An entry of the table, compared by its name.
#[derive(Clone, Copy)]
pub struct FunctionRef(pub &'static Function);

impl std::fmt::Debug for FunctionRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

impl PartialEq for FunctionRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for FunctionRef {}

impl Hash for FunctionRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

/// A sub-expression.
#[derive(Clone)]
pub struct Node {
    /// What it computes.
    pub op: Op,
    /// What is known of it.
    pub facts: Facts,
    /// Nothing can go wrong in this operation whatever the record: Arrow types alone prove it.
    pub proved: bool,
    /// Types of the operands, in order.
    pub types: Vec<Type>,
    /// For calls.
    pub prepared: Prepared,
}

impl Node {
    /// Its type.
    pub fn ty(&self) -> &Type {
        &self.facts.ty
    }

    /// Its operands in order.
    pub fn operands(&self) -> Vec<NodeId> {
        self.op.operands()
    }
}

impl Op {
    /// The nodes it reads, in order.
    pub fn operands(&self) -> Vec<NodeId> {
        match self {
            Op::Input(_) | Op::Constant(..) => Vec::new(),
            Op::Not(a) | Op::IsNull(a) | Op::IsTruth(a, _) | Op::InSet(a, _) | Op::Negate(a) => vec![*a],
            Op::Cast { arg, .. } | Op::AddInterval(arg, _) | Op::Field(arg, _) => vec![*arg],
            Op::And(a, b) | Op::Or(a, b) | Op::Compare(_, a, b) | Op::Distinct(a, b) | Op::Arithmetic(_, a, b) => {
                vec![*a, *b]
            }
            Op::Case(branches, otherwise) => {
                branches.iter().flat_map(|(condition, value)| [*condition, *value]).chain(*otherwise).collect()
            }
            Op::Coalesce(args) | Op::Call(_, args) => args.clone(),
        }
    }

    /// About how many nanoseconds it costs a record, without its operands.
    pub fn cost(&self) -> u32 {
        match self {
            Op::Input(_) | Op::Constant(..) | Op::Field(..) => 0,
            Op::Not(_) | Op::And(..) | Op::Or(..) | Op::IsNull(_) | Op::IsTruth(..) => 1,
            Op::Compare(..) | Op::Distinct(..) | Op::Negate(_) | Op::Arithmetic(..) => 1,
            Op::InSet(..) => 3,
            Op::Case(branches, _) => 2 * branches.len() as u32,
            Op::Coalesce(args) => args.len() as u32,
            Op::Cast { .. } => 10,
            Op::AddInterval(..) => 5,
            Op::Call(function, _) => function.0.cost,
        }
    }
}

/// Expressions over the same inputs; equal sub-expressions are one node.
#[derive(Clone, Default)]
pub struct Program {
    nodes: Vec<Node>,
    known: HashMap<(Op, Type), NodeId>,
}

impl Program {
    /// The nodes; operands come before what reads them.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// The node of `op` with a result of type `ty`, when there is one: a cast is told from another only by its type.
    pub fn find(&self, op: &Op, ty: &Type) -> Option<NodeId> {
        self.known.get(&(op.clone(), ty.clone())).copied()
    }

    /// Adds a node.
    pub fn add(&mut self, node: Node) -> NodeId {
        let key = (node.op.clone(), node.facts.ty.clone());
        if let Some(id) = self.known.get(&key) {
            return *id;
        }
        let id = self.nodes.len();
        self.known.insert(key, id);
        self.nodes.push(node);
        id
    }

    /// The nodes that `outputs` need, in order of evaluation.
    pub fn needed(&self, outputs: &[NodeId]) -> Vec<NodeId> {
        let mut wanted = vec![false; self.nodes.len()];
        let mut todo = outputs.to_vec();
        while let Some(id) = todo.pop() {
            if let Some(seen) = wanted.get_mut(id).filter(|seen| !**seen) {
                *seen = true;
                todo.extend(self.node(id).map(Node::operands).unwrap_or_default());
            }
        }
        wanted.iter().enumerate().filter(|(_, wanted)| **wanted).map(|(id, _)| id).collect()
    }
}
