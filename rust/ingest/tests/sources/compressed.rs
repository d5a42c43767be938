use crate::{assert_error, bytes, text};
use flate2::write::GzEncoder;
use guard_ingest::{Compression, Format, IngestError, Source};
use std::io::Write;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(content, 3).unwrap()
}

fn read(name: &str, content: &[u8]) -> Result<Vec<u8>, IngestError> {
    text(Source::open(&bytes(name, content), None, None)?, None)
}

/// Lines that do not compress away.
fn lines(count: u64) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 20
    };
    (0..count).flat_map(|at| format!("{at},{}\n", next()).into_bytes()).collect()
}

#[test]
fn members_and_frames_follow_each_other() {
    let (first, second) = (lines(3000), lines(200));
    let whole: Vec<u8> = [first.as_slice(), &second].concat();
    for wrap in [gzip, zstd] {
        assert_eq!(read("x.csv", &wrap(&whole)).unwrap(), whole);
        assert_eq!(read("x.csv", &[wrap(&first), wrap(&second)].concat()).unwrap(), whole);
        assert_eq!(read("x.csv", &[wrap(b""), wrap(&whole), wrap(b"")].concat()).unwrap(), whole);
        assert_eq!(read("x.csv", &wrap(b"")).unwrap(), b"");
    }
    let skippable = [b"\x50\x2a\x4d\x18\x02\0\0\0ab".to_vec(), zstd(&whole)].concat();
    assert_eq!(read("x.csv", &skippable).unwrap(), whole);
}

#[test]
fn the_inner_format_is_by_name_then_by_bytes() {
    let open = |name: &str, content: &[u8]| Source::open(&bytes(name, content), None, None);
    let source = open("x.tsv.gz", &gzip(b"a\tb\n")).unwrap();
    assert_eq!((source.format(), source.compression()), (Format::Tsv, Compression::Gzip));
    assert_eq!(source.head(), b"a\tb\n");
    assert_eq!(open("-", &zstd(b"{\"a\":1}\n")).unwrap().format(), Format::Ndjson);
    assert_eq!(open("x.ndjson.zst", &gzip(b"{}")).unwrap().compression(), Compression::Gzip);
    assert_error(&open("-", &gzip(b"a,b\n")).unwrap_err(), "file-format-unknown", "tell its format");
    assert_error(&open("x.csv.gz", &gzip(&gzip(b"a,b\n"))).unwrap_err(), "file-format-unknown", "compressed twice");
    let error = open("-", &gzip(b"PAR1\x15\x04")).unwrap_err();
    assert_error(&error, "file-format-unknown", "parquet inside of gzip");
}

#[test]
fn streams_that_are_cut_off_end_early() {
    let whole = lines(3000);
    for (name, packed) in [("x.csv.gz", gzip(&whole)), ("x.csv.zst", zstd(&whole))] {
        for length in (4..packed.len()).step_by(97).chain([packed.len() - 1]) {
            let error = read(name, &packed[..length]).unwrap_err();
            assert_error(&error, "file-unreadable", "ends early");
        }
        let twice = [packed.clone(), packed].concat();
        let error = read(name, &twice[..twice.len() - 5]).unwrap_err();
        assert_error(&error, "file-unreadable", "ends early");
    }
    assert_error(&read("x.csv.gz", b"").unwrap_err(), "file-unreadable", "ends early");
}

#[test]
fn damage_is_named() {
    let whole = lines(3000);
    for (name, mut packed) in [("x.csv.gz", gzip(&whole)), ("x.csv.zst", zstd(&whole))] {
        let middle = packed.len() / 2;
        packed.iter_mut().skip(middle).take(64).for_each(|byte| *byte ^= 0x5a);
        // Without a checksum Zstandard may not notice; then the content differs, and the records in it speak.
        match read(name, &packed) {
            Ok(found) => assert!(name.ends_with("zst") && found != whole),
            Err(error) => assert_eq!(error.code, "file-unreadable", "{error}"),
        }
    }
    let trailing = [gzip(&whole), b"these bytes are no gzip".to_vec()].concat();
    assert_error(
        &read("x.csv.gz", &trailing).unwrap_err(),
        "file-unreadable",
        "goes on behind the end of its gzip data",
    );
}

#[test]
fn bombs_are_refused() {
    let zeros = vec![b'\n'; 70 << 20];
    for (name, packed) in [("x.csv.gz", gzip(&zeros)), ("x.csv.zst", zstd(&zeros))] {
        assert!(packed.len() < 1 << 20);
        assert_error(&read(name, &packed).unwrap_err(), "ratio-exceeded", "200 times");
    }
    // Below 64 MiB any ratio will do.
    assert_eq!(read("x.csv.gz", &gzip(&zeros[..60 << 20])).unwrap().len(), 60 << 20);
}
