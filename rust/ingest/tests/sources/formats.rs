use guard_ingest::{Compression, Format, detect};

#[test]
fn by_name() {
    for (name, format, compression) in [
        ("x.csv", Format::Csv, Compression::None),
        ("a/b.c/X.CSV.GZ", Format::Csv, Compression::Gzip),
        ("x.jsonl.zst", Format::Ndjson, Compression::Zstd),
        ("x.ndjson", Format::Ndjson, Compression::None),
        ("x.json", Format::Json, Compression::None),
        ("x.tsv", Format::Tsv, Compression::None),
        ("x.pq", Format::Parquet, Compression::None),
        ("x.feather", Format::Arrow, Compression::None),
        ("x.quarantine", Format::Quarantine, Compression::None),
    ] {
        assert_eq!(Format::detect(name, b""), Some((format, compression)), "{name}");
        assert_eq!(detect(name, b"").notice, None, "{name}");
    }
    for name in ["x", "x.gz", "x.txt", "", "a.csv/x", ".", "x."] {
        assert_eq!(Format::detect(name, b"a,b\n"), None, "{name}");
    }
}

#[test]
fn by_bytes_without_a_name() {
    for (first, format) in [
        (&b"PAR1\x15\x04"[..], Format::Parquet),
        (b"ARROW1\0\0", Format::Arrow),
        (b"\xff\xff\xff\xff\x10\0\0\0", Format::Arrow),
        (br#"{"format":"guard-nb/quarantine/v1","contract":{}}"#, Format::Quarantine),
        (br#" { "format" : "guard-nb/quarantine/v1", "contract": {}}"#, Format::Quarantine),
        (br#"{"format": "guard-nb/verdict/v1"}"#, Format::Ndjson),
        (b"\xef\xbb\xbf{\"a\":1}", Format::Ndjson),
        (b" \r\n\t[{}]", Format::Json),
    ] {
        assert_eq!(Format::detect("-", first), Some((format, Compression::None)), "{first:?}");
    }
    assert_eq!(detect("-", b"\x1f\x8b\x08").compression, Compression::Gzip);
    assert_eq!(detect("-", b"\x28\xb5\x2f\xfd").compression, Compression::Zstd);
    assert_eq!(detect("-", b"\x50\x2a\x4d\x18\x04\0\0\0").compression, Compression::Zstd);
}

#[test]
fn conclusive_bytes_win_and_say_so() {
    for (name, first, format, compression, notice) in [
        ("x.csv", &b"PAR1\x15"[..], Some(Format::Parquet), Compression::None, Some("named as csv but is parquet")),
        ("x.parquet", b"{\"a\":1}", Some(Format::Ndjson), Compression::None, Some("named as parquet but is ndjson")),
        ("x.csv.gz", b"a,b\n", Some(Format::Csv), Compression::None, Some("named as gzip but is not compressed")),
        ("x.csv.gz", b"\x28\xb5\x2f\xfd", Some(Format::Csv), Compression::Zstd, Some("named as gzip but is zstd")),
        ("x.csv", b"\x1f\x8b\x08", Some(Format::Csv), Compression::Gzip, None),
        // A header may start with a brace or with the letters of a magic.
        ("x.csv", b"{a},b\n", Some(Format::Csv), Compression::None, None),
        ("x.csv", b"PAR1,b\n", Some(Format::Csv), Compression::None, None),
        // One damaged record does not change a file's format.
        ("x.ndjson", b"[1]\n", Some(Format::Ndjson), Compression::None, None),
    ] {
        let found = detect(name, first);
        assert_eq!((found.format, found.compression), (format, compression), "{name}");
        assert_eq!(found.notice.is_some(), notice.is_some(), "{name}: {:?}", found.notice);
        assert!(found.notice.unwrap_or_default().contains(notice.unwrap_or_default()));
    }
    let quarantine = br#"{"format":"guard-nb/quarantine/v1"}"#;
    assert_eq!(detect("x.ndjson", quarantine).format, Some(Format::Quarantine));
    assert_eq!(detect("x.ndjson", quarantine).notice, None);
    assert!(detect("x.csv", quarantine).notice.is_some());
}

#[test]
fn names_of_compressions() {
    for (name, compression) in Compression::NAMES {
        assert_eq!(Compression::of_name(name), Some(compression));
    }
    assert_eq!(Compression::Gzip.name(), "gzip");
    assert_eq!(Compression::of_name("lz4"), None);
}
