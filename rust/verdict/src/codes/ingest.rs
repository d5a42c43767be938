//! Codes for bytes: records that have no reading, and sources that give none.

codes! { Ingest,
    RECORD_MALFORMED = "record-malformed": "a record's bytes have no reading as a record";
        help "look at the record's bytes in the quarantine file; its own fault is named there"; example "`{\"a\": 1,}` among NDJSON lines"
    JSON_SYNTAX = "json-syntax": "the record is no JSON";
        help "correct the record where reading stopped"; example "`{\"a\": 01}`"
    JSON_NOT_OBJECT = "json-not-object": "the record is JSON, but no object";
        help "write each record as an object"; example "`[1, 2]` on a line of NDJSON"
    JSON_DUPLICATE_NAME = "json-duplicate-name": "a name occurs twice in one object";
        help "keep one of the members"; example "`{\"a\": 1, \"\\u0061\": 2}`"
    JSON_LONE_SURROGATE = "json-lone-surrogate": "a text escapes half of a surrogate pair, which is no character";
        help "write the character itself, or both halves"; example "`{\"a\": \"\\ud800\"}`"
    ENCODING_INVALID = "encoding-invalid": "bytes of the record are not of the declared encoding";
        help "declare the encoding that the file has, or mend the record"; example "the byte 0xFF in UTF-8"
    DEPTH_EXCEEDED = "depth-exceeded": "a value is nested too deep";
        help "flatten the value; 64 levels are read"; example "65 brackets"
    RECORD_TOO_LARGE = "record-too-large": "a record is longer than the limit";
        help "look for a missing line break, or raise the limit"; example "a line of 20 MiB"
    RECORD_CUT_OFF = "record-cut-off": "the source ends inside of a record";
        help "wait until the file is complete, or write it again"; example "`{\"a\": 1` at the end of a file"
    CSV_FIELDS_MISSING = "csv-fields-missing": "a record has fewer fields than the header";
        help "add the missing delimiters"; example "`1,2` below `a,b,c`"
    CSV_FIELDS_EXTRA = "csv-fields-extra": "a record has more fields than the header";
        help "quote the field that holds a delimiter"; example "`1,2,3,4` below `a,b,c`"
    CSV_QUOTE_STRAY = "csv-quote-stray": "a quote stands where none may be";
        help "quote the whole field and double the quotes in it"; example "`1,5\" pipe,3`"
    CSV_QUOTE_UNCLOSED = "csv-quote-unclosed": "a quoted field is never closed";
        help "close the quote"; example "`1,\"two,3` at the end of a file"
    NUL_BYTE = "nul-byte": "a record holds the byte 0";
        help "remove the byte; a file full of them is of another encoding, such as UTF-16"; example "UTF-16 read as UTF-8"
    FILE_MISSING = "file-missing": "there is no such file";
        help "check the path and the working directory"; example "`nowhere.csv`"
    FILE_IS_FOLDER = "file-is-folder": "the path is a folder";
        help "name files, or a pattern such as `data/*.csv`"; example "`data/`"
    PERMISSION_DENIED = "permission-denied": "the file may not be read";
        help "change its permissions, or run as another user"; example "a file of mode 000"
    LIMIT_OUT_OF_RANGE = "limit-out-of-range": "a limit of reading is out of its range";
        help "leave it out for the usual one, or give one within the range"; example "`threads=0`"
    SOURCE_REPEATED = "source-repeated": "a source is named twice";
        help "name each source once; a pattern may match a file that is named as well"; example "`guard-nb check orders.odcs.yaml a.csv ./a.csv`"
    GLOB_NO_MATCH = "glob-no-match": "no file matches the pattern";
        help "check the pattern; quote it if the shell expands it"; example "`data/*.cvs`"
    NAME_NOT_TEXT = "name-not-text": "a pattern meets a name that is no UTF-8";
        help "rename the file, or name the files one by one"; example "`*.csv` beside a file whose name has the byte 0xFF"
    FILE_FORMAT_UNKNOWN = "file-format-unknown": "a file's format is not told by its name or first bytes, or is none that is read or written here";
        help "say it: ndjson, json, csv, tsv, parquet or arrow, in Python as `format=`, in a shell as `--input-format`"; example "`orders.dat`"
    ENCODING_UNKNOWN = "encoding-unknown": "there is no encoding of this name";
        help "give a WHATWG label such as utf-8, windows-1252 or utf-16le"; example "the encoding `latin-99`"
    FILE_CHANGED = "file-changed": "a file was written to, or another was put in its place, while it was read";
        help "check it when nobody writes to it, or a copy of it"; example "a file that is written anew between the two readings that keys need"
    FILE_UNREADABLE = "file-unreadable": "the file's bytes are damaged, or are not of its format";
        help "write the file again"; example "a Parquet file without its footer"
    RATIO_EXCEEDED = "ratio-exceeded": "compressed bytes expand beyond the limit";
        help "unpack the file yourself if you trust it"; example "1 MB of gzip that expands to 1 GB"
    HEADER_UNREADABLE = "header-unreadable": "the CSV header cannot be read";
        help "correct the first line, or say that there is no header"; example "a quote that is never closed in the first line"
    COLUMNS_EXCEEDED = "columns-exceeded": "a file has more columns than the limit";
        help "split the file; 16,384 columns are read"; example "a header of one million names"
    DIALECT_UNREADABLE = "dialect-unreadable": "a CSV dialect makes no sense";
        help "give one ASCII character for delimiter and quote, each another"; example "the delimiter `ab`"
    QUARANTINE_UNLIKE = "quarantine-unlike": "quarantine files of one check differ in how their records are read, or in CSV without a header the contract's columns do";
        help "check each file by itself, by the contract that its records were quarantined by"; example "the quarantine files of `a.csv` and `b.ndjson` in one check"
    QUARANTINE_UNREADABLE = "quarantine-unreadable": "a line of a quarantine file is none";
        help "keep its header line and the members of each record"; example "a quarantine file without its first line"
}
