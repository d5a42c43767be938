//! Membership in a set of literals.

use std::hash::Hash;

use arrow_array::{Array, BooleanArray};
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use multiversion::multiversion;

use super::bits;
use super::byte_set::ByteSet;
use super::native::{Native, Real, Whole};
use super::rows::{Always, Kernel, Never};
use super::typed::{self, by_storage};
use super::{Literal, Refusal};

/// Up to this many members a scan beats a hash table.
pub(super) const FEW: usize = 8;

/// Up to this distance between the least and the greatest member a bitmap of 8 KiB is the set.
const DENSE: u64 = 1 << 16;

/// Binds the set of what is allowed. A member that the type cannot read would never match, which its author did not mean,
/// so it refuses the set.
pub(super) fn bind_allowed(literals: &[Literal], data_type: &DataType) -> Result<Box<dyn Kernel>, Refusal> {
    if !typed::is_text(data_type) && !typed::is_binary(data_type) {
        for literal in literals {
            bind(std::slice::from_ref(literal), data_type, false)?;
        }
    }
    bind(literals, data_type, false)
}

/// Binds a set to a type. `fail_inside` says whether members fail or the others. Members that the type cannot read match
/// nothing; when there are members and none can be read the set is refused.
pub(super) fn bind(literals: &[Literal], data_type: &DataType, fail_inside: bool) -> Result<Box<dyn Kernel>, Refusal> {
    let members: Vec<&Literal> = literals.iter().filter(|l| **l != Literal::Null).collect();
    if members.is_empty() {
        return Ok(if fail_inside { Box::new(Never) } else { Box::new(Always) });
    }
    by_storage!(data_type, N,
        whole => Ok(Box::new(NativeSet::<N>::new(wholes(&members, data_type)?, fail_inside))),
        real => Ok(Box::new(NativeSet::<N>::new(reals::<N>(&members, data_type)?, fail_inside))),
        other => match data_type {
            DataType::Boolean => Ok(Box::new(BoolSet::new(&members, data_type, fail_inside)?)),
            text if typed::is_text(text) => Ok(Box::new(ByteSet::new(texts(&members), fail_inside))),
            binary if typed::is_binary(binary) => Ok(Box::new(ByteSet::new(texts(&members), fail_inside))),
            _ => Err(Refusal::NotSupported(format!("a set of values on {}", typed::name(data_type)))),
        }
    )
}

/// Refuses what no member was readable for; mixed zones are refused even if others are readable.
fn readable<T>(members: &[&Literal], mut read: impl FnMut(&Literal) -> Result<T, Refusal>) -> Result<Vec<T>, Refusal> {
    let mut found = Vec::with_capacity(members.len());
    let mut refusal = None;
    for member in members {
        match read(member) {
            Ok(value) => found.push(value),
            Err(mismatch @ Refusal::ZoneMismatch(_)) => return Err(mismatch),
            Err(unreadable) => refusal = Some(unreadable),
        }
    }
    match refusal {
        Some(refusal) if found.is_empty() => Err(refusal),
        _ => Ok(found),
    }
}

fn wholes<N: Whole>(members: &[&Literal], data_type: &DataType) -> Result<Vec<N>, Refusal> {
    let places = readable(members, |member| typed::place(member, data_type))?;
    let exact = places.iter().filter(|place| !place.between);
    Ok(exact.filter_map(|place| N::from_big(&place.floor)).collect())
}

fn reals<N: Real>(members: &[&Literal], data_type: &DataType) -> Result<Vec<N::Atom>, Refusal> {
    readable(members, |member| {
        typed::number(member, data_type)?;
        match member {
            Literal::Number(text) => N::nearest(text),
            _ => None,
        }
        .ok_or_else(|| typed::unreadable(member, data_type))
    })
}

/// Every literal but NULL has a text.
fn texts(members: &[&Literal]) -> Vec<Box<[u8]>> {
    let text = |member: &&Literal| match member {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Number(text) | Literal::Text(text) => Some(text.clone()),
    };
    members.iter().filter_map(text).map(|text| text.into_bytes().into_boxed_slice()).collect()
}

enum Members<N: Native> {
    Few(Vec<N::Atom>),
    /// Bit `ordinal - least` is set for members.
    Dense {
        least: u64,
        bits: Vec<u64>,
    },
    Table(HashSet<N::Atom, FixedState>),
}

impl<N: Native> Members<N> {
    fn new(mut members: Vec<N::Atom>) -> Self {
        members.sort_unstable();
        members.dedup();
        if members.len() <= FEW {
            return Members::Few(members);
        }
        let ends = members.first().zip(members.last());
        if let Some((first, last)) = ends.filter(|_| N::HAS_ORDINAL) {
            let least = N::ordinal(*first);
            // Modulo 2⁶⁴ the distance is right for signed values too.
            let span = N::ordinal(*last).wrapping_sub(least);
            if span < DENSE {
                let mut bits = vec![0u64; (span / 64) as usize + 1];
                for member in &members {
                    bits::set(&mut bits, N::ordinal(*member).wrapping_sub(least) as usize);
                }
                return Members::Dense { least, bits };
            }
        }
        Members::Table(table(members))
    }
}

pub(super) fn table<T: Eq + Hash>(members: Vec<T>) -> HashSet<T, FixedState> {
    let mut table = HashSet::with_capacity_and_hasher(members.len(), FixedState::default());
    table.extend(members);
    table
}

struct NativeSet<N: Native> {
    members: Members<N>,
    fail_inside: bool,
}

impl<N: Native> NativeSet<N> {
    fn new(members: Vec<N::Atom>, fail_inside: bool) -> Self {
        NativeSet { members: Members::new(members), fail_inside }
    }
}

impl<N: Native> Kernel for NativeSet<N> {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let values = N::values(array)?.get(start..start.checked_add(len)?)?;
        match &self.members {
            Members::Few(few) => mark_few::<N>(values, few, self.fail_inside, fails),
            Members::Dense { least, bits } => bits::pack(values, fails, |value| {
                let index = N::ordinal(N::atom(value)).wrapping_sub(*least);
                bits::get(bits, index as usize) == self.fail_inside
            }),
            Members::Table(table) => {
                bits::pack(values, fails, |value| table.contains(&N::atom(value)) == self.fail_inside)
            }
        }
        Some(())
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn mark_few<N: Native>(values: &[N::Raw], few: &[N::Atom], fail_inside: bool, fails: &mut [u64]) {
    bits::pack_members(values, few, fail_inside, fails, |value| N::atom(value));
}

struct BoolSet {
    fail_true: bool,
    fail_false: bool,
}

impl BoolSet {
    fn new(members: &[&Literal], data_type: &DataType, fail_inside: bool) -> Result<Self, Refusal> {
        let members = readable(members, |member| match member {
            Literal::Bool(value) => Ok(*value),
            _ => Err(typed::unreadable(member, data_type)),
        })?;
        Ok(BoolSet {
            fail_true: members.contains(&true) == fail_inside,
            fail_false: members.contains(&false) == fail_inside,
        })
    }
}

impl Kernel for BoolSet {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let array = array.as_any().downcast_ref::<BooleanArray>()?;
        bits::copy(array.values(), start, len, fails);
        for word in fails.iter_mut() {
            let (on, off) = (if self.fail_true { *word } else { 0 }, if self.fail_false { !*word } else { 0 });
            *word = on | off;
        }
        bits::clear_tail(fails, len);
        Some(())
    }
}
