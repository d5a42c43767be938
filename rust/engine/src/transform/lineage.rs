//! Which columns feed which (S8.3).

use crate::expr::Compiler;
use guard_kernels::expr::program::{NodeId, Op};
use serde::Serialize;
use std::collections::BTreeSet;

/// Columns that an output depends on, each list sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Lineage {
    /// Its value is computed from theirs.
    pub from: Vec<String>,
    /// They decide which value it takes, or whether the record passes.
    pub decided_by: Vec<String>,
}

/// The lineage of a node in a query with this condition.
pub fn lineage(compiler: &Compiler<'_>, root: NodeId, condition: Option<NodeId>) -> Lineage {
    let (mut from, mut deciding) = (BTreeSet::new(), BTreeSet::new());
    let mut todo: Vec<(NodeId, bool)> = vec![(root, false)];
    todo.extend(condition.map(|condition| (condition, true)));
    let mut seen: BTreeSet<(NodeId, bool)> = BTreeSet::new();
    while let Some((id, decides)) = todo.pop() {
        if !seen.insert((id, decides)) {
            continue;
        }
        let Some(node) = compiler.program.node(id) else { continue };
        match &node.op {
            Op::Input(position) => {
                if let Some(input) = compiler.inputs.get(*position) {
                    let set = if decides { &mut deciding } else { &mut from };
                    set.insert(input.path.name.clone());
                }
            }
            Op::Case(branches, otherwise) => {
                todo.extend(branches.iter().flat_map(|(test, value)| [(*test, true), (*value, decides)]));
                todo.extend(otherwise.map(|value| (value, decides)));
            }
            _ => todo.extend(node.operands().into_iter().map(|operand| (operand, decides))),
        }
    }
    Lineage { from: from.into_iter().collect(), decided_by: deciding.into_iter().collect() }
}
