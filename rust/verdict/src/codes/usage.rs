//! Codes for misuse and for failures outside the data.

codes! { Usage,
    OBJECT_UNKNOWN = "object-unknown": "the contract has no schema object of this name, or several and none was named";
        help "pass `object=` with one of the contract's schema names"; example "two schema objects, no `object`"
    TEXT_UNREADABLE = "text-unreadable": "a text holds half of a surrogate pair, which is no character";
        help "decode the bytes that it comes from as UTF-8, without `surrogateescape`"; example "`contract.check(frame, \"\\ud800\")`"
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
    CONTRACT_UNREADABLE = "contract-unreadable": "the contract's file cannot be read, or is not UTF-8";
        help "check the path, and save the contract as UTF-8"; example "`Contract.load(\"nowhere.odcs.yaml\")`"
    CONTRACT_UNKNOWN = "contract-unknown": "there is no contract of this name here";
        help "give a path, or the name of a `*.odcs.yaml` file in the working directory or its `contracts` folder"; example "`%%guard ordres`"
    PARAMS_UNUSED = "params-unused": "a parameter was given that no row rule uses";
        help "correct its name, or leave it out"; example "`check(frame, params={\"lmit\": 1})`"
    TRANSFORM_UNREADABLE = "transform-unreadable": "a file is no transform, or a transform cannot be written";
        help "write it again with `Transform.save`"; example "a file whose text was edited"
    PARAM_UNREADABLE = "param-unreadable": "a parameter has a type that expressions do not have";
        help "give a number, text, truth value, date, time or instant, or a list of them"; example "`check(frame, params={\"x\": {}})`"
    CLAUSE_IMPOSSIBLE = "clause-impossible": "no record of a transform can satisfy a clause of its output contract";
        help "correct the item or the contract; `Transform.check()` says which clauses are proved, checked and impossible"; example "a required item that is always NULL"
    RECORDS_QUARANTINED = "records-quarantined": "a transform failed on records, and nothing takes them";
        help "handle the failure in the text, or take the records: `--rejects NAME`"; example "`%%transform a -> b` with `x / y`, y = 0"
    FILE_UNWRITABLE = "file-unwritable": "a file cannot be written";
        help "check the folder, its permissions and the space on the disk"; example "`transform.save(\"nowhere/t.json\")`"
    REFERENCES_UNNAMED = "references-unnamed": "`references` is not a mapping of names to frames";
        help "name each frame: `references={\"planes\": planes}`"; example "`references=[planes]`"
    START_OUT_OF_RANGE = "start-out-of-range": "`start` is no number of a record";
        help "number records from 0 to 2^63 - 1"; example "`partial(part, start=-1)`"
    INGESTION_CLOSED = "ingestion-closed": "an ingestion was closed, or failed, before its verdict was asked for";
        help "ask for the verdict before `close()`, or call `contract.ingest` again"; example "`run.close()`, then `run.verdict`"
    INGESTION_BUSY = "ingestion-busy": "two threads use one ingestion at the same time";
        help "let one thread read, and hand its frames to the others"; example "two threads iterate over one `run`"
    STYLE_UNKNOWN = "style-unknown": "there is no such style of text";
        help "use `narrated` or `table`"; example "`to_text(\"loud\")`"
    CHART_UNKNOWN = "chart-unknown": "there is no such chart";
        help "use `clauses`"; example "`chart(\"pie\")`"
    CHART_UNAVAILABLE = "chart-unavailable": "charts need altair";
        help "install the extra: `pip install \"guard_nb[notebook]\"`"; example "`chart()` without altair"
    MODE_UNKNOWN = "mode-unknown": "a guard has no such mode";
        help "use enforce, quarantine or warn"; example "`%%guard orders --mode lenient`"
    NOTHING_CHECKED = "nothing-checked": "a guard ended without having checked a frame";
        help "end the cell with the frame, name it with `--on`, or call `g.check(frame)` in the block"; example "`%%guard orders` above an empty cell"
    GUARD_LINE = "guard-line": "the guard line cannot be understood";
        help "write `%%guard CONTRACT [flags]`; `%%guard?` shows the flags"; example "`%%guard` alone"
    GUARD_FLAG = "guard-flag": "a flag of the guard line is unknown, lacks its value, or does not go with another";
        help "see the message; `%%guard?` shows the flags"; example "`%%guard orders --smaple 5`"
    VARIABLE_UNKNOWN = "variable-unknown": "there is no such variable";
        help "run the cell that makes it, or correct the name"; example "`%%guard orders --on ordres`"
    OBJECT_UNCLEAR = "object-unclear": "the contract has several schema objects and the frame's name is none of theirs";
        help "name the object: `--object NAME`"; example "`%%guard shop` with objects orders and items, frame `x`"
    VERDICT_UNKNOWN = "verdict-unknown": "the session has no verdict of this number";
        help "`%guard status` lists them"; example "`%guard explain 9` after two guarded cells"
    GUARD_REJECT = "guard-reject": "a guard stopped data that its contract rejects";
        help "see `.verdict` of the exception, or `%guard explain` in a notebook"; example "`%%guard orders` above a frame with a violation"
    GUARD_UNKNOWN = "guard-unknown": "a guard stopped data that could not be decided";
        help "see which clauses were not executed or not decided, and why: `%guard explain`"; example "`%%guard orders` with a foreign key and no referenced frame"
    INTERRUPTED = "interrupted": "the check was interrupted";
        help "run it again; no verdict was given"; example "Ctrl-C"
    INTERNAL = "internal-error": "a fault inside guard_nb";
        help "please report it with the contract and the frame's schema; no verdict was given"; example "none known"
}
