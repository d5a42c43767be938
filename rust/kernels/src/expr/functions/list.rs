//! Lists measured, searched and taken apart.

use super::lengths::{LIMIT, count, counts, length, own, strict, truth, within};
use super::list_equal::{order, same};
use crate::expr::facts::{Facts, Range};
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Nulls, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;
use std::sync::Arc;

const BASE: Function = Function { family: Family::List, ..Function::BASE };
const LIST: Param = Param::new("list", Kind::List);
const ITEM: &[Param] = &[LIST, Param::new("item", Kind::Item)];
const BOTH: &[Param] = &[Param::new("list", Kind::Common), Param::new("other", Kind::Common)];

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "len",
        aliases: &["list_length", "array_length", "cardinality"],
        params: &[LIST],
        infer: |args| {
            let (low, high) = length(args, 0);
            Ok(strict(args, Type::Integer, counts(low, high), Faults::NONE))
        },
        core: |_, args| {
            Ok(match args {
                [Scalar::List(items)] => count(items.len()),
                _ => Scalar::Null,
            })
        },
        cost: 2,
        docs: "The number of a list's items, NULL ones included.",
        examples: &[("len([4, NULL, 6])", "3"), ("len(NULL)", "NULL")],
        duckdb: "takes texts too: say `length`",
        ..BASE
    },
    Function {
        name: "list_value",
        aliases: &["list_pack"],
        params: &[Param::new("item", Kind::Common).optional()],
        variadic: true,
        nulls: Nulls::Own,
        infer: |args| {
            let length = args.len() as u64;
            Ok(own(args, list_of(shared(args)), false, Range::Length(length, length), Faults::NONE))
        },
        core: |call, args| Ok(Scalar::List(call.arena.alloc_slice_copy(args))),
        cost: 10,
        docs: "The list of its arguments, also written `[a, b]`. NULLs are items like others.",
        examples: &[("len(list_value(1, NULL))", "2"), ("list_extract(['a', 'b'], 2)", "b"), ("len([])", "0")],
        ..BASE
    },
    Function {
        name: "list_extract",
        aliases: &["array_extract", "list_element", "element_at"],
        params: &[LIST, Param::new("i", Kind::Integer)],
        infer: |args| {
            let item = item_type(args)?;
            let range = Range::of_nested(&item);
            Ok(Facts { nullable: true, ..strict(args, item, range, Faults::NONE) })
        },
        core: list_extract,
        cost: 3,
        docs: "A list's item at a position, from 1, or from the end when it is negative; NULL where there is none. Also \
               written `list[i]`.",
        examples: &[
            ("list_extract([4, 5], 1)", "4"),
            ("list_extract([4, 5], -1)", "5"),
            ("list_extract([4, 5], 3)", "NULL"),
            ("list_extract([4, 5], 0)", "NULL"),
        ],
        duckdb: "takes texts too: say `substring`; `element_at` is for maps there",
        ..BASE
    },
    Function {
        name: "list_slice",
        aliases: &["array_slice"],
        params: &[LIST, Param::new("from", Kind::Integer), Param::new("to", Kind::Integer)],
        infer: |args| {
            if args.first().is_some_and(|list| list.ty == Type::Null) {
                return Ok(Facts::strict_any(args, Type::Null, Faults::NONE));
            }
            let ty = list_of(item_type(args)?);
            Ok(strict(args, ty, Range::Length(0, length(args, 0).1), Faults::NONE))
        },
        core: list_slice,
        cost: 5,
        docs: "A list's items between two positions, both included, from 1, or from the end when they are negative; \
               positions outside of the list hold nothing.",
        examples: &[
            ("list_extract(list_slice([4, 5, 6], 2, 3), 1)", "5"),
            ("len(list_slice([4, 5, 6], -2, -1))", "2"),
            ("len(list_slice([4, 5, 6], 3, 2))", "0"),
        ],
        duckdb: "takes texts, and a step",
        ..BASE
    },
    Function {
        name: "list_contains",
        aliases: &["list_has", "array_contains", "array_has"],
        params: ITEM,
        infer: truth,
        core: |_, args| Ok(search(args, |place| Scalar::Boolean(place.is_some()))),
        cost: 20,
        docs: "Whether a list holds an item: FALSE, not NULL, when it does not and an item is NULL. NaN is the same as NaN.",
        examples: &[
            ("list_contains([1, 2], 2)", "true"),
            ("list_contains([1, NULL], 2)", "false"),
            ("list_contains([1, 2], NULL)", "NULL"),
        ],
        ..BASE
    },
    Function {
        name: "list_position",
        aliases: &["list_indexof", "array_position", "array_indexof"],
        params: ITEM,
        infer: |args| {
            let high = length(args, 0).1;
            Ok(Facts { nullable: true, ..strict(args, Type::Integer, counts(high.min(1), high), Faults::NONE) })
        },
        core: |_, args| Ok(search(args, |place| place.map_or(Scalar::Null, |place| count(place + 1)))),
        cost: 20,
        docs: "The first position, from 1, at which a list holds an item; NULL when it does not.",
        examples: &[("list_position(['a', 'b'], 'b')", "2"), ("list_position(['a', 'b'], 'c')", "NULL")],
        duckdb: "finds NULL where an item is NULL",
        ..BASE
    },
    Function {
        name: "list_has_any",
        aliases: &["array_has_any"],
        params: BOTH,
        infer: infer_sets,
        core: |_, args| Ok(sets(args, |list, other| other.iter().any(|item| list.has(*item)))),
        cost: 60,
        docs: "Whether two lists share an item; NULL items are not looked at.",
        examples: &[
            ("list_has_any([1, 2], [2, 3])", "true"),
            ("list_has_any([1, NULL], [NULL])", "false"),
            ("list_has_any([1], [])", "false"),
        ],
        ..BASE
    },
    Function {
        name: "list_has_all",
        aliases: &["array_has_all"],
        params: BOTH,
        infer: infer_sets,
        core: |_, args| Ok(sets(args, |list, other| other.iter().all(|item| item.is_null() || list.has(*item)))),
        cost: 60,
        docs: "Whether a list holds every item of another; NULL items are not looked at.",
        examples: &[
            ("list_has_all([1, 2, 3], [3, 1])", "true"),
            ("list_has_all([1, 2], [2, NULL])", "true"),
            ("list_has_all([1, 2], [2, 3])", "false"),
        ],
        ..BASE
    },
];

/// A list's type.
pub(super) fn list_of(item: Type) -> Type {
    Type::List(Arc::new(item))
}

/// The item type of the first argument.
pub(super) fn item_type(args: &[Facts]) -> Result<Type, String> {
    match args.first().map(|list| &list.ty) {
        Some(Type::List(item)) => Ok(Type::clone(item)),
        None | Some(Type::Null) => Ok(Type::Null),
        Some(other) => Err(format!("a list is needed, not {other}")),
    }
}

/// Items that have an order: lists and structs compare with nothing.
pub(super) fn ordered(item: &Type) -> Result<(), String> {
    if *item == Type::Null || item.is_scalar() { Ok(()) } else { Err(format!("values of type {item} have no order")) }
}

/// The type of the arguments that are not NULL.
pub(super) fn shared(args: &[Facts]) -> Type {
    args.iter().map(|arg| &arg.ty).find(|ty| **ty != Type::Null).cloned().unwrap_or(Type::Null)
}

/// Range and faults of a list that is made, of so many items.
pub(super) fn made_list(low: u64, high: u64) -> (Range, Faults) {
    let faults = if high > LIMIT { Faults::of(&[Fault::ResultTooLarge]) } else { Faults::NONE };
    let high = high.min(LIMIT);
    (Range::Length(low.min(high), high), faults)
}

/// The items as a list.
pub(super) fn listed<'a>(
    call: &Call<'a>,
    items: impl ExactSizeIterator<Item = Scalar<'a>>,
) -> Result<Scalar<'a>, Fault> {
    within(items.len())?;
    Ok(Scalar::List(call.arena.alloc_slice_fill_iter(items)))
}

fn list_extract<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items), Scalar::Integer(i)] = args else { return Ok(Scalar::Null) };
    let place = usize::try_from(i.unsigned_abs()).ok();
    let number = if *i < 0 {
        place.and_then(|place| items.len().checked_sub(place))
    } else {
        place.and_then(|place| place.checked_sub(1))
    };
    Ok(number.and_then(|number| items.get(number)).copied().unwrap_or(Scalar::Null))
}

fn list_slice<'a>(_: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items), Scalar::Integer(from), Scalar::Integer(to)] = args else { return Ok(Scalar::Null) };
    let length = items.len() as i128;
    let place = |i: i64| i128::from(i) + if i < 0 { length + 1 } else { 0 };
    let (first, last) = (place(*from).max(1), place(*to).min(length));
    let taken = usize::try_from(first - 1).ok().zip(usize::try_from(last).ok());
    Ok(Scalar::List(taken.and_then(|(first, last)| items.get(first..last)).unwrap_or(&[])))
}

fn search<'a>(args: &[Scalar<'a>], answer: fn(Option<usize>) -> Scalar<'a>) -> Scalar<'a> {
    match args {
        [Scalar::List(items), item] => answer(items.iter().position(|other| same(*other, *item))),
        _ => Scalar::Null,
    }
}

fn infer_sets(args: &[Facts]) -> Result<Facts, String> {
    item_type(args)?;
    item_type(args.get(1..).unwrap_or(&[]))?;
    truth(args)
}

/// Items to look for: as they are when they are few, else sorted.
enum Items<'i, 'a> {
    Few(&'i [Scalar<'a>]),
    Sorted(Vec<Scalar<'a>>),
}

impl<'a> Items<'_, 'a> {
    /// NULL is in no list.
    fn has(&self, item: Scalar<'a>) -> bool {
        !item.is_null()
            && match self {
                Items::Few(items) => items.iter().any(|other| same(*other, item)),
                Items::Sorted(items) => items.binary_search_by(|other| order(*other, item)).is_ok(),
            }
    }
}

/// Fewer items than this are looked through faster than they are sorted.
const FEW: usize = 16;

fn sets<'a>(args: &[Scalar<'a>], test: fn(&Items<'_, 'a>, &[Scalar<'a>]) -> bool) -> Scalar<'a> {
    let [Scalar::List(list), Scalar::List(other)] = args else { return Scalar::Null };
    let items = if list.len().min(other.len()) < FEW {
        Items::Few(list)
    } else {
        let mut sorted = list.to_vec();
        sorted.sort_unstable_by(|a, b| order(*a, *b));
        Items::Sorted(sorted)
    };
    Scalar::Boolean(test(&items, other))
}
