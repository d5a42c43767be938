//! A step's writes as columns, in the order in which the statement takes them.

use super::super::decided::{Decided, Held};
use super::super::sqlite::{signed, small};
use super::super::store::{Reservation, Writes};
use super::super::{LedgerError, leaf};
use super::quoted;
use crate::name::Name;
use tokio_postgres::types::ToSql;

type Answer<T> = Result<T, LedgerError>;
type Value = Box<dyn ToSql + Sync>;

fn column<'w, R: 'w, T: ToSql + Sync + 'static>(rows: &'w [R], of: impl Fn(&'w R) -> T) -> Value {
    Box::new(rows.iter().map(of).collect::<Vec<T>>())
}

fn checked<'w, R: 'w, T: ToSql + Sync + 'static>(rows: &'w [R], of: impl Fn(&'w R) -> Answer<T>) -> Answer<Value> {
    Ok(Box::new(rows.iter().map(of).collect::<Answer<Vec<T>>>()?))
}

fn own(name: &Name) -> String {
    name.as_str().to_owned()
}

pub(super) fn of(writes: &Writes, length: u64) -> Answer<Vec<Value>> {
    let (none, decided) = (Held::default(), writes.decided.as_deref());
    let held = decided.map_or(&none, |decided| &decided.held);
    let mut out = Vec::from(records(decided));
    out.extend(reservations(decided.and_then(Decided::reservation).as_slice())?);
    out.extend(settles(writes)?);
    out.extend(entries(held)?);
    let leaves: Vec<String> = decided.map(Decided::leaf).into_iter().chain(writes.leaves.iter().cloned()).collect();
    out.extend([
        column(&held.arrivals, |(limit, part, _)| leaf::pot(limit, part)),
        column(&held.arrivals, |(limit, _, _)| own(limit)),
        column(&held.arrivals, |(_, part, _)| own(part)),
        column(&held.arrivals, |(_, _, at)| *at),
        checked(&writes.forgotten, |number| signed(*number))?,
        Box::new(writes.arrived),
        Box::new(signed(length)?),
        Box::new(leaves),
        Box::new(writes.time),
    ]);
    Ok(out)
}

fn records(decided: Option<&Decided>) -> [Value; 4] {
    let found = decided.filter(|decided| decided.recorded);
    let rows: Vec<(&Name, &Decided)> = found.and_then(|of| Some((of.decision.id.as_ref()?, of))).into_iter().collect();
    [
        column(&rows, |(id, _)| quoted(id)),
        column(&rows, |(_, of)| own(&of.canonical)),
        column(&rows, |(_, of)| of.document().to_owned()),
        column(&rows, |(_, of)| of.decision.permit.clone()),
    ]
}

fn reservations(rows: &[(u64, &Reservation)]) -> Answer<[Value; 7]> {
    Ok([
        checked(rows, |(number, _)| signed(*number))?,
        column(rows, |(_, held)| quoted(&held.id)),
        column(rows, |(_, held)| held.state.number()),
        column(rows, |(_, held)| held.expires),
        checked(rows, |(_, held)| held.money.as_ref().map(|(amount, _)| small(*amount)).transpose())?,
        column(rows, |(_, held)| held.money.as_ref().map(|(_, currency)| own(currency))),
        column(rows, |(_, held)| held.settled),
    ])
}

fn settles(writes: &Writes) -> Answer<[Value; 4]> {
    let rows = &writes.settles;
    Ok([
        checked(rows, |settle| signed(settle.number))?,
        column(rows, |settle| settle.state.number()),
        checked(rows, |settle| settle.amount.map(small).transpose())?,
        column(rows, |settle| settle.at),
    ])
}

fn entries(held: &Held) -> Answer<[Value; 7]> {
    let rows = &held.entries;
    Ok([
        column(rows, |entry| leaf::pot(&entry.limit, &entry.part)),
        column(rows, |entry| own(&entry.limit)),
        column(rows, |entry| own(&entry.part)),
        column(rows, |entry| entry.at),
        checked(rows, |entry| signed(entry.reservation))?,
        checked(rows, |entry| small(entry.amount))?,
        column(rows, |entry| entry.money),
    ])
}
