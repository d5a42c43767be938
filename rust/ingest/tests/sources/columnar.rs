use crate::{assert_error, bytes};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray,
};
use arrow_ipc::CompressionType;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use guard_ingest::{Columnar, IngestError, Input, Source, parquet_statistics};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::sync::Arc;

fn batch(from: i64, rows: i64) -> RecordBatch {
    let numbers: ArrayRef = Arc::new((from..from + rows).map(|at| (at % 7 != 0).then_some(at)).collect::<Int64Array>());
    let texts: ArrayRef =
        Arc::new((from..from + rows).map(|at| Some(format!("text {}", at % 1000))).collect::<StringArray>());
    let doubles: ArrayRef = Arc::new((from..from + rows).map(|at| Some(at as f64 / 4.0)).collect::<Float64Array>());
    // One dictionary for all batches: an Arrow file has no other.
    let keys = (from..from + rows).map(|at| Some(i32::from(at % 2 == 0))).collect();
    let colours = Arc::new(StringArray::from(vec!["red", "green"]));
    let kinds: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::new(keys, colours));
    let lists: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(
        (from..from + rows).map(|at| Some(vec![Some(at), None])),
    ));
    let field = Arc::new(arrow_schema::Field::new("inner", arrow_schema::DataType::Int64, true));
    let structs: ArrayRef = Arc::new(StructArray::from(vec![(field, numbers.clone())]));
    RecordBatch::try_from_iter_with_nullable([
        ("number", numbers, true),
        ("text", texts, true),
        ("double", doubles, true),
        ("kind", kinds, true),
        ("list", lists, true),
        ("struct", structs, true),
    ])
    .unwrap()
}

fn parquet(batches: &[RecordBatch], group: usize, compression: Compression) -> Vec<u8> {
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(group)).set_compression(compression).build();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batches[0].schema(), Some(properties)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    out
}

fn ipc(batches: &[RecordBatch], stream: bool, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut out = Vec::new();
    if stream {
        let mut writer = StreamWriter::try_new_with_options(&mut out, &batches[0].schema(), options).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
    } else {
        let mut writer = FileWriter::try_new_with_options(&mut out, &batches[0].schema(), options).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
    }
    out
}

fn open(name: &str, content: &[u8], columns: Option<&[String]>) -> Result<Columnar, IngestError> {
    Source::open(&bytes(name, content), None, None)?.columnar(columns)
}

fn read(name: &str, content: &[u8]) -> Result<Vec<RecordBatch>, IngestError> {
    open(name, content, None)?.collect()
}

/// The same values, however they are cut into batches.
fn assert_same(found: &[RecordBatch], expected: &[RecordBatch]) {
    let whole = |batches: &[RecordBatch]| arrow_select::concat::concat_batches(&batches[0].schema(), batches).unwrap();
    assert_eq!(whole(found).columns(), whole(expected).columns());
}

#[test]
fn parquet_by_row_group() {
    let batches = [batch(0, 70_000), batch(70_000, 50_000)];
    for compression in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
    ] {
        let content = parquet(&batches, 100_000, compression);
        let columnar = open("x.parquet", &content, None).unwrap();
        assert_eq!(columnar.rows(), Some(120_000));
        assert_eq!(columnar.schema().fields(), batches[0].schema().fields());
        let found: Vec<_> = columnar.map(Result::unwrap).collect();
        assert_eq!(found.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [65_536, 34_464, 20_000]);
        assert_same(&found, &batches);
    }
}

#[test]
fn arrow_files_and_streams() {
    let batches = [batch(0, 10), batch(10, 70_000), batch(0, 0), batch(70_010, 3)];
    for (stream, compression) in [false, true].into_iter().flat_map(|stream| {
        [None, Some(CompressionType::LZ4_FRAME), Some(CompressionType::ZSTD)].map(|kind| (stream, kind))
    }) {
        let content = ipc(&batches, stream, compression);
        let columnar = open("x.arrow", &content, None).unwrap();
        assert_eq!(columnar.schema().fields(), batches[0].schema().fields());
        let found: Vec<_> = columnar.map(Result::unwrap).collect();
        assert_eq!(found.iter().map(RecordBatch::num_rows).collect::<Vec<_>>(), [10, 65_536, 4464, 3]);
        assert_same(&found, &batches);
    }
}

#[test]
fn sources_without_rows() {
    let none = [batch(0, 0)];
    for (name, content) in [
        ("x.parquet", parquet(&none, 10, Compression::UNCOMPRESSED)),
        ("x.arrow", ipc(&none, false, None)),
        ("x.arrow", ipc(&none, true, None)),
    ] {
        let columnar = open(name, &content, None).unwrap();
        assert_eq!(columnar.schema().fields(), none[0].schema().fields());
        assert_eq!(columnar.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 0);
    }
}

#[test]
fn only_the_columns_asked_for() {
    let batches = [batch(0, 100)];
    for content in [parquet(&batches, 60, Compression::SNAPPY), ipc(&batches, false, None), ipc(&batches, true, None)] {
        for (columns, kept) in [(vec!["struct", "number", "other"], vec![0, 5]), (vec![], vec![])] {
            let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
            let columnar = open("-", &content, Some(&columns)).unwrap();
            let expected = batches[0].project(&kept).unwrap();
            assert_eq!(columnar.schema().fields(), expected.schema().fields());
            let found: Vec<_> = columnar.map(Result::unwrap).collect();
            assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), 100);
            assert!(found.iter().all(|batch| batch.schema().fields() == expected.schema().fields()));
        }
    }
}

#[test]
fn from_files_and_pipes() {
    let folder = tempfile::tempdir().unwrap();
    let batches = [batch(0, 1000)];
    for (name, content) in [
        ("x.parquet", parquet(&batches, 300, Compression::SNAPPY)),
        ("y.arrow", ipc(&batches, false, None)),
        ("z.arrow", ipc(&batches, true, None)),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, &content).unwrap();
        let source = Source::open(&Input::File(path.clone()), None, None).unwrap();
        assert_same(&source.columnar(None).unwrap().map(Result::unwrap).collect::<Vec<_>>(), &batches);
        let pipe = folder.path().join(format!("{name}.pipe"));
        if !std::process::Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()) {
            continue;
        }
        let writer = pipe.clone();
        let thread = std::thread::spawn(move || std::fs::write(writer, content).unwrap());
        let source = Source::open(&Input::File(pipe), None, None).unwrap();
        assert_same(&source.columnar(None).unwrap().map(Result::unwrap).collect::<Vec<_>>(), &batches);
        thread.join().unwrap();
    }
}

#[test]
fn truncated_files_are_refused() {
    let batches = [batch(0, 300), batch(300, 200)];
    for (name, content) in [
        ("x.parquet", parquet(&batches, 250, Compression::SNAPPY)),
        ("x.arrow", ipc(&batches, false, Some(CompressionType::ZSTD))),
        ("x.arrow", ipc(&batches, false, None)),
        ("y.arrow", ipc(&batches, true, None)),
        ("y.arrow", ipc(&batches, true, Some(CompressionType::LZ4_FRAME))),
    ] {
        for length in (0..content.len()).step_by(97).chain([content.len() - 1]) {
            let error = read(name, &content[..length]).unwrap_err();
            assert_error(&error, "file-unreadable", name);
        }
        assert_same(&read(name, &content).unwrap(), &batches);
    }
}

#[test]
fn damaged_bytes_do_not_panic() {
    let batches = [batch(0, 60), batch(60, 40)];
    for (name, content) in [
        ("x.parquet", parquet(&batches, 50, Compression::UNCOMPRESSED)),
        ("x.parquet", parquet(&batches, 50, Compression::SNAPPY)),
        ("x.arrow", ipc(&batches, false, None)),
        ("y.arrow", ipc(&batches, true, Some(CompressionType::LZ4_FRAME))),
    ] {
        for (at, mask) in (8..content.len()).step_by(13).flat_map(|at| [(at, 0xff_u8), (at, 0x80), (at, 0x01)]) {
            let mut damaged = content.clone();
            damaged[at] ^= mask;
            match read(name, &damaged) {
                Ok(found) => assert!(found.iter().map(RecordBatch::num_rows).sum::<usize>() < 1 << 20),
                Err(error) => assert!(["file-unreadable", "ratio-exceeded"].contains(&error.code), "{error}"),
            }
        }
    }
}

#[test]
fn no_columnar_file_at_all() {
    for (name, content, words) in [
        ("x.parquet", &b"a,b\n1,2\n"[..], "does not start as a Parquet file does"),
        ("x.parquet", b"PARE\x15", "encrypted"),
        ("x.parquet", b"", "does not start"),
        ("x.arrow", b"a,b\n1,2\n", "no message of an Arrow stream"),
        ("x.arrow", b"ARROW1\0\0", "ends early"),
    ] {
        assert_error(&read(name, content).unwrap_err(), "file-unreadable", words);
    }
    let error = open("x.csv", b"a\n", None).unwrap_err();
    assert_error(&error, "file-format-unknown", "has no columns");
}

#[test]
fn a_buffer_that_claims_too_much_is_refused() {
    // A billion NULL-free zeros, as one compressed buffer claims: its length stands in the first eight bytes of the body.
    let one: ArrayRef = Arc::new(Int64Array::from(vec![0; 4096]));
    let content = ipc(&[RecordBatch::try_from_iter([("n", one)]).unwrap()], true, Some(CompressionType::ZSTD));
    let claim = (4096_i64 * 8).to_le_bytes();
    let at = content.windows(8).position(|window| window == claim).unwrap();
    for claimed in [8_i64 << 30, 1 << 50, i64::MAX] {
        let mut hostile = content.clone();
        hostile[at..at + 8].copy_from_slice(&claimed.to_le_bytes());
        assert_error(&read("x.arrow", &hostile).unwrap_err(), "ratio-exceeded", "200 times");
    }
}

fn statistics_of(batches: &[RecordBatch], properties: WriterProperties) -> guard_ingest::columnar::Statistics {
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batches[0].schema(), Some(properties)).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    parquet_statistics(&bytes("x.parquet", &out)).unwrap()
}

#[test]
fn statistics_over_all_row_groups() {
    let groups = || WriterProperties::builder().set_max_row_group_row_count(Some(40));
    let found = statistics_of(&[batch(1, 100)], groups().build());
    assert_eq!(found.rows, 100);
    let names: Vec<_> = found.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names[..3], ["number", "text", "double"]);
    assert!(!names.contains(&"list") && !names.contains(&"struct"));
    let number = &found.columns[0];
    assert_eq!(number.null_count, Some(14));
    let (min, max) = (number.min.as_ref().unwrap(), number.max.as_ref().unwrap());
    assert_eq!((min.value.as_primitive::<Int64Type>().value(0), min.exact), (1, true));
    assert_eq!((max.value.as_primitive::<Int64Type>().value(0), max.exact), (100, true));
    let text = &found.columns[1];
    assert_eq!(text.null_count, Some(0));
    assert_eq!(text.min.as_ref().unwrap().value.as_string::<i32>().value(0), "text 1");
    assert_eq!(text.max.as_ref().unwrap().value.as_string::<i32>().value(0), "text 99");
    let double = found.columns[2].max.as_ref().unwrap();
    assert!((double.value.as_primitive::<Float64Type>().value(0) - 25.0).abs() < f64::EPSILON);
    let found = statistics_of(&[batch(1, 100)], groups().set_statistics_enabled(EnabledStatistics::None).build());
    assert!(
        found.columns.iter().all(|column| column.null_count.is_none() && column.min.is_none() && column.max.is_none())
    );
}

#[test]
fn statistics_of_groups_without_values() {
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![None, None, Some(3), Some(5)]));
    let flags: ArrayRef = Arc::new(BooleanArray::from(vec![None, None, None, None]));
    let not: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN, f64::NAN, 1.0, f64::NAN]));
    let batch = RecordBatch::try_from_iter([("n", numbers), ("f", flags), ("d", not)]).unwrap();
    let found = statistics_of(&[batch], WriterProperties::builder().set_max_row_group_row_count(Some(2)).build());
    let (numbers, flags, not) = (&found.columns[0], &found.columns[1], &found.columns[2]);
    assert_eq!(numbers.null_count, Some(2));
    assert_eq!(numbers.min.as_ref().unwrap().value.as_primitive::<Int64Type>().value(0), 3);
    assert_eq!(numbers.max.as_ref().unwrap().value.as_primitive::<Int64Type>().value(0), 5);
    assert_eq!(flags.null_count, Some(4));
    assert!(flags.min.is_none() && flags.max.is_none());
    // The first group has NaN only, of which its writer says nothing: nothing is known of all.
    assert!(not.min.is_none() && not.max.is_none());
}

#[test]
fn long_texts_have_bounds_that_are_no_values() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec!["b".repeat(200), "c".repeat(200)]));
    let batch = RecordBatch::try_from_iter([("t", texts)]).unwrap();
    let found = statistics_of(&[batch], WriterProperties::builder().set_statistics_truncate_length(Some(10)).build());
    let (min, max) = (found.columns[0].min.clone().unwrap(), found.columns[0].max.clone().unwrap());
    assert!(!min.exact && !max.exact);
    assert!(min.value.as_string::<i32>().value(0) <= "b".repeat(200).as_str());
    assert!(max.value.as_string::<i32>().value(0) >= "c".repeat(200).as_str());
}

#[test]
fn statistics_of_no_parquet_file() {
    let error = parquet_statistics(&bytes("x.parquet", b"a,b\n")).unwrap_err();
    assert_error(&error, "file-unreadable", "Parquet");
    assert_error(&parquet_statistics(&Input::Stdin).unwrap_err(), "file-unreadable", "standard input");
    let error = parquet_statistics(&Input::File("nowhere.parquet".into())).unwrap_err();
    assert_error(&error, "file-missing", "nowhere.parquet");
}
