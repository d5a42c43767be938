//! What a proposal asks of limits.

use crate::file::{Gate, Meets};
use crate::json::Value;
use crate::limit::{By, Kind};
use crate::money::Money;
use crate::name::Name;
use crate::proposal::Reading;
use crate::schema::Key;
use std::sync::Arc;

/// What a proposal asks of one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The limit's position in the gate.
    pub limit: usize,
    /// The values that part it.
    pub part: Name,
    /// Minor units for budgets, else 1.
    pub amount: i128,
    /// Is the amount money that a commit can lower?
    pub money: bool,
    /// Nothing is demanded; the call is remembered for an order.
    pub first: bool,
}

/// As [`Charge`], before anybody keeps it.
pub(crate) struct Asked<'p> {
    pub limit: usize,
    pub part: &'p str,
    /// Is it parted by the same values as the one before?
    pub again: bool,
    pub amount: i128,
    pub money: bool,
    pub first: bool,
}

/// Shows what a proposal asks of the limits that it meets, in order. `scratch` is overwritten.
pub(crate) fn asked(
    gate: &Gate,
    meets: &[Meets],
    proposal: &Reading<'_>,
    money: Option<&Money>,
    scratch: &mut String,
    mut see: impl FnMut(&Asked<'_>),
) {
    let mut before = None;
    for one in meets {
        let Some(limit) = gate.limits.get(one.limit) else { continue };
        let amount = match (&limit.kind, money) {
            // Money in a currency that the budget does not count asks nothing of it.
            (Kind::Budget { currency, .. }, money) => match money.filter(|money| money.currency == *currency) {
                Some(money) => Some(money.minor),
                None => continue,
            },
            _ => None,
        };
        let again = before == Some(&one.by);
        if !again {
            scratch.clear();
            part(&one.by, proposal, scratch);
            before = Some(&one.by);
        }
        see(&Asked {
            limit: one.limit,
            part: scratch,
            again,
            amount: amount.unwrap_or(1),
            money: amount.is_some(),
            first: one.first,
        });
    }
}

fn part(by: &[By], proposal: &Reading<'_>, out: &mut String) {
    let mut part = Key::new(out);
    for by in by {
        match by {
            By::Own(member) => part.text(proposal.own().get(*member).copied().flatten()),
            By::Argument(steps) => part.value(proposal.subject().at(steps).unwrap_or(&Value::Null)),
        }
    }
    part.finish();
}

/// What a proposal asks of the limits that it meets, to be kept.
pub(crate) fn charges(gate: &Gate, meets: &[Meets], proposal: &Reading<'_>, money: Option<&Money>) -> Vec<Charge> {
    let mut out: Vec<Charge> = Vec::with_capacity(meets.len());
    crate::name::scratch(|scratch| {
        asked(gate, meets, proposal, money, scratch, |asked| {
            let known = out.last().filter(|_| asked.again).map(|last| last.part.clone());
            let part = known.unwrap_or_else(|| Name::Shared(Arc::from(asked.part)));
            let Asked { limit, amount, money, first, .. } = *asked;
            out.push(Charge { limit, part, amount, money, first });
        });
    });
    out
}
