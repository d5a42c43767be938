//! Lists made from lists and texts, and texts from lists.

use super::lengths::{joined, length, made, strict, within};
use super::list::{item_type, list_of, listed, made_list, ordered, shared};
use super::list_equal::{order, same};
use crate::expr::facts::Facts;
use crate::expr::fault::{Fault, Faults};
use crate::expr::function::{Call, Family, Function, Kind, Param};
use crate::expr::scalar::Scalar;
use crate::expr::types::Type;

const BASE: Function = Function { family: Family::List, cost: 60, ..Function::BASE };
const LIST: Param = Param::new("list", Kind::List);
const SEPARATOR: Param = Param::new("separator", Kind::Text);

/// The functions of this room.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "list_concat",
        aliases: &["list_cat", "array_concat", "array_cat"],
        params: &[Param::new("list", Kind::Common), Param::new("other", Kind::Common)],
        infer: infer_concat,
        core: |call, args| match args {
            [Scalar::List(x), Scalar::List(y)] => {
                within(x.len().saturating_add(y.len()))?;
                let items = x.iter().chain(y.iter()).copied();
                Ok(Scalar::List(bumpalo::collections::Vec::from_iter_in(items, call.arena).into_bump_slice()))
            }
            _ => Ok(Scalar::Null),
        },
        docs: "The items of one list, then those of another. Fails when they exceed 1,048,576.",
        examples: &[("len(list_concat([1, 2], [3]))", "3"), ("list_concat([1], NULL)", "NULL")],
        duckdb: "takes a NULL list as an empty one, and any number of lists",
        ..BASE
    },
    Function {
        name: "list_distinct",
        aliases: &["array_distinct"],
        params: &[LIST],
        infer: |args| infer_items(args, 0),
        core: list_distinct,
        cost: 150,
        docs: "A list's items without NULLs, each once, in the order in which they first occur. Fails when the list \
               has more than 1,048,576 items.",
        examples: &[
            ("array_to_string(list_distinct(['b', 'a', NULL, 'b']), ',')", "b,a"),
            ("len(list_distinct([1, 1, NULL]))", "1"),
        ],
        duckdb: "leaves the order open",
        ..BASE
    },
    Function {
        name: "list_sort",
        aliases: &["array_sort"],
        params: &[LIST],
        infer: infer_sorted,
        core: |call, args| match args {
            [Scalar::List(items)] => {
                within(items.len())?;
                let items = call.arena.alloc_slice_copy(items);
                items.sort_by(|a, b| order(*a, *b));
                Ok(Scalar::List(items))
            }
            _ => Ok(Scalar::Null),
        },
        cost: 150,
        docs: "A list's items in ascending order: NaN after all numbers, NULLs last. Fails when the list has more than \
               1,048,576 items.",
        examples: &[
            ("array_to_string(list_sort(['b', 'c', 'a']), ',')", "a,b,c"),
            ("list_extract(list_sort([2, NULL, 1]), 3)", "NULL"),
        ],
        duckdb: "takes an order too: say `list_reverse`",
        ..BASE
    },
    Function {
        name: "list_reverse",
        aliases: &["array_reverse"],
        params: &[LIST],
        infer: |args| infer_items(args, length(args, 0).0),
        core: |call, args| match args {
            [Scalar::List(items)] => listed(call, items.iter().rev().copied()),
            _ => Ok(Scalar::Null),
        },
        cost: 30,
        docs: "A list's items in reverse. Fails when the list has more than 1,048,576 items.",
        examples: &[
            ("array_to_string(list_reverse(['a', 'b', 'c']), ',')", "c,b,a"),
            ("list_extract(list_reverse([1, NULL, 3]), 1)", "3"),
        ],
        ..BASE
    },
    Function {
        name: "array_to_string",
        params: &[LIST, SEPARATOR],
        infer: infer_to_string,
        core: array_to_string,
        docs: "The texts of a list one after the other, with a separator between them; NULL items are skipped. Fails \
               when the result exceeds 1 MiB.",
        examples: &[("array_to_string(['a', NULL, 'b'], ', ')", "a, b"), ("array_to_string([], ',')", "")],
        duckdb: "takes items of every type, and a NULL separator as the empty one",
        ..BASE
    },
    Function {
        name: "string_split",
        aliases: &["str_split", "split", "string_to_array"],
        params: &[Param::new("x", Kind::Text), SEPARATOR],
        infer: infer_split,
        core: string_split,
        docs: "The parts of a text between separators; its characters when the separator is empty. The empty text has \
               one part. Fails when there are more than 1,048,576 parts.",
        examples: &[
            ("len(string_split('a,b,,', ','))", "4"),
            ("list_extract(string_split('a,b', ','), 2)", "b"),
            ("len(string_split('', ','))", "1"),
        ],
        duckdb: "takes a NULL separator as one that does not occur",
        ..BASE
    },
];

fn infer_concat(args: &[Facts]) -> Result<Facts, String> {
    item_type(args)?;
    item_type(args.get(1..).unwrap_or(&[]))?;
    let ((a, b), (c, d)) = (length(args, 0), length(args, 1));
    let (range, faults) = made_list(a.saturating_add(c), b.saturating_add(d));
    Ok(strict(args, shared(args), range, faults))
}

fn infer_sorted(args: &[Facts]) -> Result<Facts, String> {
    ordered(&item_type(args)?)?;
    infer_items(args, length(args, 0).0)
}

fn infer_items(args: &[Facts], low: u64) -> Result<Facts, String> {
    if shared(args) == Type::Null {
        return Ok(Facts::strict_any(args, Type::Null, Faults::NONE));
    }
    let (range, faults) = made_list(low, length(args, 0).1);
    Ok(strict(args, list_of(item_type(args)?), range, faults))
}

/// Equal items come together when sorted; the first of each group by position stays.
fn list_distinct<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items)] = args else { return Ok(Scalar::Null) };
    within(items.len())?;
    let mut placed: Vec<(usize, Scalar<'a>)> =
        items.iter().copied().enumerate().filter(|(_, item)| !item.is_null()).collect();
    placed.sort_by(|(_, a), (_, b)| order(*a, *b));
    placed.dedup_by(|(_, later), (_, earlier)| same(*later, *earlier));
    placed.sort_unstable_by_key(|(place, _)| *place);
    listed(call, placed.into_iter().map(|(_, item)| item))
}

fn infer_to_string(args: &[Facts]) -> Result<Facts, String> {
    let item = item_type(args)?;
    if !matches!(item, Type::Text | Type::Null) {
        return Err(format!("a list of VARCHAR is needed, not of {item}"));
    }
    let (range, faults) = made(0, if length(args, 0).1 == 0 { 0 } else { u64::MAX }, 1);
    Ok(strict(args, Type::Text, range, faults))
}

fn array_to_string<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::List(items), Scalar::Text(separator)] = args else { return Ok(Scalar::Null) };
    let texts = items.iter().filter_map(|item| match item {
        Scalar::Text(text) => Some(*text),
        _ => None,
    });
    joined(call, texts.flat_map(|text| [*separator, text]).skip(1))
}

fn infer_split(args: &[Facts]) -> Result<Facts, String> {
    let (most, short) = (length(args, 0).1, length(args, 1).0);
    let parts = most.checked_div(short).map_or(most.max(1), |parts| parts.saturating_add(1));
    // A separator of one character makes one part more than the empty one.
    let parts = if short == 0 && length(args, 1).1 > 0 { most.saturating_add(1) } else { parts };
    let (range, faults) = made_list(1, parts);
    Ok(strict(args, list_of(Type::Text), range, faults))
}

fn string_split<'a>(call: &Call<'a>, args: &[Scalar<'a>]) -> Result<Scalar<'a>, Fault> {
    let [Scalar::Text(x), Scalar::Text(separator)] = args else { return Ok(Scalar::Null) };
    let mut parts = bumpalo::collections::Vec::new_in(call.arena);
    let mut put = |part: &'a str| {
        within(parts.len() + 1)?;
        parts.push(Scalar::Text(part));
        Ok(())
    };
    if separator.is_empty() && !x.is_empty() {
        x.char_indices().try_for_each(|(at, c)| put(x.get(at..at + c.len_utf8()).unwrap_or("")))?;
    } else if separator.is_empty() {
        put(x)?;
    } else {
        x.split(separator).try_for_each(put)?;
    }
    Ok(Scalar::List(parts.into_bump_slice()))
}
