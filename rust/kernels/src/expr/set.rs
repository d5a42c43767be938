//! The members of an IN list (S6.8).

use super::scalar::{Constant, Scalar};
use std::collections::HashSet;

/// Constants of one type, looked up by value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    members: HashSet<Constant>,
    /// In the order written, for those who read the plan.
    pub listed: Vec<Constant>,
    /// NULL is a member: no match is NULL.
    pub has_null: bool,
}

impl std::hash::Hash for Set {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.listed.hash(state);
    }
}

impl Set {
    /// The set of constants of one type; decimals are at its scale.
    pub fn new(listed: Vec<Constant>) -> Set {
        let has_null = listed.iter().any(Constant::is_null);
        let members = listed.iter().filter(|member| !member.is_null()).map(|member| key(member.clone()));
        Set { members: members.collect(), has_null, listed }
    }

    /// Is a value of that type a member? NULL and NaN are none.
    pub fn contains(&self, value: Scalar<'_>) -> bool {
        if let Scalar::Text(text) = value {
            // Small sets are scanned: no copy of the text for the lookup.
            if self.listed.len() <= 8 {
                return self.listed.iter().any(|member| matches!(member, Constant::Text(own) if **own == *text));
            }
        }
        self.members.contains(&key(Constant::of(value)))
    }
}

/// Equal values have equal keys: zeros have one sign.
fn key(value: Constant) -> Constant {
    match value {
        Constant::Double(x) => Constant::Double(if x == 0.0 { 0.0 } else { x }),
        other => other,
    }
}
