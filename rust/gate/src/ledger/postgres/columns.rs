//! A step's writes as columns, in the order in which the statement takes them.

use super::super::sqlite::{signed, small};
use super::super::store::Writes;
use super::super::{LedgerError, leaf};
use super::quoted;
use tokio_postgres::types::ToSql;

type Answer<T> = Result<T, LedgerError>;
type Value = Box<dyn ToSql + Sync>;

fn column<'w, R: 'w, T: ToSql + Sync + 'static>(rows: &'w [R], of: impl Fn(&'w R) -> T) -> Value {
    Box::new(rows.iter().map(of).collect::<Vec<T>>())
}

fn checked<'w, R: 'w, T: ToSql + Sync + 'static>(rows: &'w [R], of: impl Fn(&'w R) -> Answer<T>) -> Answer<Value> {
    Ok(Box::new(rows.iter().map(of).collect::<Answer<Vec<T>>>()?))
}

pub(super) fn of(writes: &Writes, length: u64) -> Answer<Vec<Value>> {
    let mut out = vec![
        column(&writes.records, |(id, _)| quoted(id)),
        column(&writes.records, |(_, record)| record.canonical.clone()),
        column(&writes.records, |(_, record)| record.decision.clone()),
        column(&writes.records, |(_, record)| record.permit.clone()),
    ];
    out.extend(reservations(writes)?);
    out.extend(settles(writes)?);
    out.extend(entries(writes)?);
    out.extend([
        column(&writes.arrivals, |(limit, part, _)| leaf::pot(limit, part)),
        column(&writes.arrivals, |(limit, _, _)| limit.clone()),
        column(&writes.arrivals, |(_, part, _)| part.clone()),
        column(&writes.arrivals, |(_, _, at)| *at),
        checked(&writes.forgotten, |number| signed(*number))?,
        Box::new(writes.arrived),
        Box::new(signed(length)?),
        Box::new(writes.leaves.clone()),
        Box::new(writes.time),
    ]);
    Ok(out)
}

fn reservations(writes: &Writes) -> Answer<[Value; 7]> {
    let rows = &writes.reservations;
    Ok([
        checked(rows, |(number, _)| signed(*number))?,
        column(rows, |(_, held)| quoted(&held.id)),
        column(rows, |(_, held)| held.state.number()),
        column(rows, |(_, held)| held.expires),
        checked(rows, |(_, held)| held.money.as_ref().map(|(amount, _)| small(*amount)).transpose())?,
        column(rows, |(_, held)| held.money.as_ref().map(|(_, currency)| currency.clone())),
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

fn entries(writes: &Writes) -> Answer<[Value; 7]> {
    let rows = &writes.entries;
    Ok([
        column(rows, |entry| leaf::pot(&entry.limit, &entry.part)),
        column(rows, |entry| entry.limit.clone()),
        column(rows, |entry| entry.part.clone()),
        column(rows, |entry| entry.at),
        checked(rows, |entry| signed(entry.reservation))?,
        checked(rows, |entry| small(entry.amount))?,
        column(rows, |entry| entry.money),
    ])
}
