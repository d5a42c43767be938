//! What a reservation was, leaf by leaf (G5.1, G6.4): each leaf's digest is made again from the row that came of them all.

use super::State;
use super::leaf;
use super::store::{Entry, Reservation};
use crate::json::Json;
use crate::{Proposal, money};

/// What a leaf says of a reservation.
pub(super) struct Step {
    pub state: State,
    pub at: i64,
    /// The digest of the reservation with its entries.
    pub held: String,
    /// What a commit spent, if it named an amount.
    pub actual: Option<String>,
}

/// The leaves about one reservation, in their order.
pub(super) struct History(Vec<Step>);

impl History {
    /// Begins with a decision.
    pub fn new(first: Step) -> History {
        History(vec![first])
    }

    /// How it stands.
    pub fn state(&self) -> Option<State> {
        self.0.last().map(|step| step.state)
    }

    /// Takes the next leaf, if it may follow the one before.
    pub fn add(&mut self, step: Step) -> Result<(), &'static str> {
        use State::{Committed, Held, Released, Running};
        match (self.state(), step.state) {
            (Some(Held), Running) | (Some(Held | Running), Committed | Released) => self.0.push(step),
            _ => return Err("it cannot follow what was there before it"),
        }
        Ok(())
    }

    /// Do all leaves say what led to this row with these entries? `canonical` is the proposal: what it held is one of its amounts.
    pub fn led_to(&self, row: &Reservation, entries: &[Entry], canonical: &str) -> bool {
        let Some((last, before)) = self.0.split_last() else { return false };
        let now = row.money.as_ref().map(|(amount, _)| *amount);
        let spent = row.money.as_ref().map(|(amount, currency)| money::plain(*amount, currency));
        // Only a commit names what was spent, and nobody can name it where no money was held.
        let named = last.actual.is_none() || last.state == State::Committed && last.actual == spent;
        let ends = last.state == row.state && last.at == row.settled && last.held == leaf::held(row, entries);
        if !(named && ends && before.iter().all(|step| step.actual.is_none())) {
            return false;
        }
        let held = match last.actual {
            None => vec![now],
            Some(_) => amounts(canonical, row).into_iter().filter(|amount| Some(*amount) >= now).map(Some).collect(),
        };
        held.into_iter().any(|amount| before.iter().all(|step| step.held == was(row, entries, step, amount)))
    }
}

/// The digest at a leaf that held this amount.
fn was(row: &Reservation, entries: &[Entry], step: &Step, amount: Option<i128>) -> String {
    let money = row.money.as_ref().zip(amount).map(|((_, currency), amount)| (amount, currency.clone()));
    let row = Reservation { state: step.state, settled: step.at, money, ..row.clone() };
    let of = |entry: &Entry| Entry { amount: amount.filter(|_| entry.money).unwrap_or(entry.amount), ..entry.clone() };
    let entries: Vec<Entry> = entries.iter().map(of).collect();
    leaf::held(&row, &entries)
}

/// What can be read as an amount among a proposal's arguments (G3.4).
fn amounts(canonical: &str, row: &Reservation) -> Vec<i128> {
    let mut out = Vec::new();
    if let (Some((_, currency)), Ok(proposal)) = (&row.money, Proposal::parse(canonical.as_bytes())) {
        collect(proposal.arguments(), currency, &mut out);
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn collect(value: &Json, currency: &str, out: &mut Vec<i128>) {
    match value {
        Json::Number(number) => out.extend(money::read(number.text(), currency).ok()),
        Json::Text(text) => out.extend(money::read(text, currency).ok()),
        Json::List(items) => items.iter().for_each(|item| collect(item, currency, out)),
        Json::Object(members) => members.iter().for_each(|(_, value)| collect(value, currency, out)),
        Json::Null | Json::Bool(_) => {}
    }
}
