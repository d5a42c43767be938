//! Codes for misuse and for failures outside the data.

codes! { Usage,
    OBJECT_UNKNOWN = "object-unknown": "the contract has no schema object of this name, or several and none was named";
        help "pass `object=` with one of the contract's schema names"; example "two schema objects, no `object`"
    NOT_A_FRAME = "not-a-frame": "the value is not a frame";
        help "pass a polars, pandas or pyarrow frame, a DuckDB relation or anything with `__arrow_c_stream__`"; example "`contract.check(42)`"
    FRAME_UNREADABLE = "frame-unreadable": "the frame's Arrow stream failed while it was read";
        help "see the message of the producer; a stream can be read once only"; example "a reader that was consumed before"
    PARTS_DIFFER = "parts-differ": "partial verdicts of different contracts, semantics, options or references cannot merge";
        help "make every part with the same contract, options and references"; example "parts of two contracts"
    PARTS_OVERLAP = "parts-overlap": "two partial verdicts saw the same records";
        help "give each part its own `source` or `start`, and merge each once"; example "the same part twice"
    PARTIAL_UNREADABLE = "partial-unreadable": "the bytes are not a partial verdict of this version";
        help "use the bytes of `Partial.to_bytes()` unchanged"; example "truncated bytes"
    VERDICT_UNREADABLE = "verdict-unreadable": "the text is not a verdict document of this version";
        help "use the text of `Verdict.to_json()` unchanged"; example "truncated JSON"
    AS_OF_UNREADABLE = "as-of-unreadable": "`as_of` is not an instant with a zone";
        help "pass an aware datetime, or RFC 3339 text such as `2026-01-31T00:00:00Z`"; example "`as_of=\"yesterday\"`"
    INTERRUPTED = "interrupted": "the check was interrupted";
        help "run it again; no verdict was given"; example "Ctrl-C"
    INTERNAL = "internal-error": "a fault inside guard_nb";
        help "please report it with the contract and the frame's schema; no verdict was given"; example "none known"
}
