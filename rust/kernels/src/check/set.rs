//! Membership in a set of literals.

use std::hash::Hash;

use arrow_array::cast::AsArray;
use arrow_array::types::{BinaryViewType, StringViewType};
use arrow_array::{Array, BooleanArray};
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashSet;
use multiversion::multiversion;

use super::native::{Native, Real, Whole};
use super::rows::{Always, Kernel, Never};
use super::typed::{self, by_storage};
use super::{Literal, Refusal};
use super::{bits, bytes};

/// Up to this many members a scan beats a hash table.
const FEW: usize = 8;

/// Binds a set to a type. `fail_inside` says whether members fail or the others. Members that the type cannot read match
/// nothing; when there are members and none can be read the set is refused.
pub(super) fn bind(
    literals: &[Literal],
    data_type: &DataType,
    fail_inside: bool,
) -> Result<Box<dyn Kernel>, Refusal> {
    let members: Vec<&Literal> = literals.iter().filter(|l| **l != Literal::Null).collect();
    if members.is_empty() {
        return Ok(if fail_inside {
            Box::new(Never)
        } else {
            Box::new(Always)
        });
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
fn readable<T>(
    members: &[&Literal],
    mut read: impl FnMut(&Literal) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
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
    Ok(exact
        .filter_map(|place| N::from_big(&place.floor))
        .collect())
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
    members
        .iter()
        .filter_map(text)
        .map(|text| text.into_bytes().into_boxed_slice())
        .collect()
}

enum Lookup<T> {
    Few(Vec<T>),
    Table(HashSet<T, FixedState>),
}

impl<T: Eq + Hash + Ord> Lookup<T> {
    fn new(mut members: Vec<T>) -> Self {
        members.sort_unstable();
        members.dedup();
        if members.len() <= FEW {
            return Lookup::Few(members);
        }
        let mut table = HashSet::with_capacity_and_hasher(members.len(), FixedState::default());
        table.extend(members);
        Lookup::Table(table)
    }
}

struct NativeSet<N: Native> {
    members: Lookup<N::Atom>,
    fail_inside: bool,
}

impl<N: Native> NativeSet<N> {
    fn new(members: Vec<N::Atom>, fail_inside: bool) -> Self {
        NativeSet {
            members: Lookup::new(members),
            fail_inside,
        }
    }
}

impl<N: Native> Kernel for NativeSet<N> {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let values = N::values(array)?.get(start..start.checked_add(len)?)?;
        match &self.members {
            Lookup::Few(few) => mark_few::<N>(values, few, self.fail_inside, fails),
            Lookup::Table(table) => {
                bits::pack(values, fails, |value| {
                    table.contains(&N::atom(value)) == self.fail_inside
                });
            }
        }
        Some(())
    }
}

#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn mark_few<N: Native>(values: &[N::Raw], few: &[N::Atom], fail_inside: bool, fails: &mut [u64]) {
    bits::pack(values, fails, |value| {
        let atom = N::atom(value);
        few.iter()
            .fold(false, |found, member| found | (*member == atom))
            == fail_inside
    });
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
            let (on, off) = (
                if self.fail_true { *word } else { 0 },
                if self.fail_false { !*word } else { 0 },
            );
            *word = on | off;
        }
        bits::clear_tail(fails, len);
        Some(())
    }
}

struct ByteSet {
    /// The members as views when all are of at most 12 bytes and there are few of them.
    views: Option<Vec<u128>>,
    few: Option<Vec<Box<[u8]>>>,
    table: HashSet<Box<[u8]>, FixedState>,
    fail_inside: bool,
}

impl ByteSet {
    fn new(mut members: Vec<Box<[u8]>>, fail_inside: bool) -> Self {
        members.sort_unstable();
        members.dedup();
        let few = members.len() <= FEW;
        let views = few
            .then(|| members.iter().map(|member| inline_view(member)).collect())
            .flatten();
        let mut table = HashSet::with_capacity_and_hasher(members.len(), FixedState::default());
        table.extend(members.iter().cloned());
        ByteSet {
            views,
            few: few.then_some(members),
            table,
            fail_inside,
        }
    }

    fn fails(&self, value: &[u8]) -> bool {
        let found = match &self.few {
            Some(few) => few.iter().any(|member| **member == *value),
            None => self.table.contains(value),
        };
        found == self.fail_inside
    }
}

impl Kernel for ByteSet {
    fn fail(&self, array: &dyn Array, start: usize, len: usize, fails: &mut [u64]) -> Option<()> {
        let views = match array.data_type() {
            DataType::Utf8View => Some(array.as_byte_view_opt::<StringViewType>()?.views()),
            DataType::BinaryView => Some(array.as_byte_view_opt::<BinaryViewType>()?.views()),
            _ => None,
        };
        if let (Some(views), Some(members)) = (views, &self.views) {
            mark_views(
                views.get(start..start.checked_add(len)?)?,
                members,
                self.fail_inside,
                fails,
            );
            return Some(());
        }
        bytes::test(array, start, len, fails, |value| self.fails(value))
    }
}

/// Values of at most 12 bytes lie in the view itself, padded with zeros, and longer ones differ in their length.
#[multiversion(targets("x86_64+avx2+bmi1+bmi2"))]
fn mark_views(views: &[u128], members: &[u128], fail_inside: bool, fails: &mut [u64]) {
    bits::pack(views, fails, |view| {
        members
            .iter()
            .fold(false, |found, member| found | (*member == view))
            == fail_inside
    });
}

fn inline_view(value: &[u8]) -> Option<u128> {
    let len = u32::try_from(value.len()).ok()?;
    let mut view = [0u8; 16];
    view.get_mut(..4)?.copy_from_slice(&len.to_le_bytes());
    view.get_mut(4..)?
        .get_mut(..value.len())?
        .copy_from_slice(value);
    Some(u128::from_le_bytes(view))
}
