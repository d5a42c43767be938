#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::expect_used, clippy::panic)]

use super::*;
use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_schema::{Fields, Schema};

fn column(data_type: DataType) -> Column {
    Column::new(&Field::new("v", data_type, false), 4)
}

#[test]
fn integers_are_held_to_their_ranges() {
    let ends: [(DataType, i128, i128); 8] = [
        (DataType::Int8, -128, 127),
        (DataType::Int16, -32768, 32767),
        (DataType::Int32, -2147483648, 2147483647),
        (DataType::Int64, -9223372036854775808, 9223372036854775807),
        (DataType::UInt8, 0, 255),
        (DataType::UInt16, 0, 65535),
        (DataType::UInt32, 0, 4294967295),
        (DataType::UInt64, 0, 18446744073709551615),
    ];
    for (data_type, low, high) in ends {
        let mut column = column(data_type.clone());
        assert!(column.push_integer(low) && column.push_integer(high), "{data_type}");
        assert!(!column.push_integer(low - 1) && !column.push_integer(high + 1), "{data_type}");
        assert_eq!(column.len(), 2);
        let array = column.finish(2);
        assert_eq!(array.data_type(), &data_type);
        assert_eq!(array.null_count(), 0);
    }
    let mut column = column(DataType::UInt64);
    assert!(column.push_integer(u64::MAX.into()));
    assert_eq!(column.finish(1).as_primitive::<UInt64Type>().value(0), u64::MAX);
}

#[test]
fn decimals_are_held_to_their_precision() {
    let mut column = column(DataType::Decimal128(4, 2));
    assert!(column.push_decimal(9999) && column.push_decimal(-9999));
    assert!(!column.push_decimal(10000) && !column.push_decimal(i128::MIN));
    let array = column.finish(2);
    assert_eq!(array.data_type(), &DataType::Decimal128(4, 2));
    assert_eq!(array.as_primitive::<Decimal128Type>().values(), &[9999, -9999]);
}

#[test]
fn a_half_filled_record_is_taken_back() {
    let address: Fields = vec![
        Field::new("zip", DataType::Utf8, false),
        Field::new("tags", DataType::List(Arc::new(Field::new_list_field(DataType::Int64, false))), false),
    ]
    .into();
    let schema = Columns::schema(&Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("address", DataType::Struct(address), false),
    ]));
    let mut columns = Columns::new(&schema, 0);
    let fill = |columns: &mut Columns, id: i128, whole: bool| {
        let [first, second] = columns.as_mut_slice() else { panic!("two columns") };
        assert!(first.push_integer(id));
        let [zip, tags] = second.members().unwrap() else { panic!("two members") };
        assert!(zip.push_str("12345"));
        assert!(tags.elements().unwrap().push_integer(id * 2));
        if whole {
            assert!(tags.close_list());
            assert!(second.close_struct());
        }
    };
    fill(&mut columns, 1, true);
    fill(&mut columns, 2, false);
    columns.nullify(1);
    fill(&mut columns, 3, true);
    let batch = columns.finish(3);
    assert_eq!(batch.schema(), schema);
    assert_eq!(batch.column(0).as_primitive::<Int64Type>().iter().collect::<Vec<_>>(), [Some(1), None, Some(3)]);
    let address = batch.column(1).as_struct();
    assert_eq!(address.nulls().unwrap().iter().collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(address.column(0).as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["12345", "12345"]);
    let tags = address.column(1).as_list::<i32>();
    assert_eq!(tags.value(2).as_primitive::<Int64Type>().values(), &[6]);
    assert_eq!(tags.values().len(), 2);
}

#[test]
fn a_text_that_fails_leaves_nothing() {
    let mut column = column(DataType::Utf8);
    assert!(column.push_str("ä"));
    assert!(!column.push_text(|text| !text.append("lost")));
    assert!(column.push_text(|text| {
        text.append_char('€');
        text.append("!")
    }));
    column.push_null();
    let array = column.finish(3);
    assert_eq!(array.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("ä"), Some("€!"), None]);
    assert_eq!(array.as_string::<i32>().value_data(), "ä€!".as_bytes());
}

#[test]
fn a_push_of_another_type_is_refused() {
    let mut text = column(DataType::Utf8);
    assert!(!text.push_integer(1) && !text.push_bool(true) && !text.push_f64(1.0) && !text.push_date(1));
    assert!(!text.close_list() && !text.close_struct() && text.elements().is_none() && text.members().is_none());
    let mut number = column(DataType::Float64);
    assert!(!number.push_str("1") && !number.push_f32(1.0) && !number.push_decimal(1) && !number.push_micros(1));
    assert!(text.is_empty() && number.is_empty());
}

#[test]
fn types_beyond_the_layout_hold_null_only() {
    let mut binary = column(DataType::Binary);
    assert!(!binary.push_str("x"));
    binary.push_null();
    let array = binary.finish(2);
    assert_eq!((array.len(), array.null_count()), (2, 2));
}

#[test]
fn columns_that_are_short_end_with_null() {
    let schema = Columns::schema(&Schema::new(vec![Field::new("a", DataType::Boolean, false)]));
    let mut columns = Columns::new(&schema, 0);
    assert!(columns.as_mut_slice()[0].push_bool(true));
    columns.fill(0);
    columns.fill(1);
    let batch = columns.finish(4);
    assert_eq!(batch.num_rows(), 4);
    assert_eq!(batch.column(0).as_boolean().iter().collect::<Vec<_>>(), [Some(true), None, None, None]);
    assert_eq!(Columns::new(&Arc::new(Schema::empty()), 0).finish(3).num_rows(), 3);
}
