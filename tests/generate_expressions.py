"""Random expressions, mostly well typed, and frames of nasty values to judge them on (hypothesis strategies)."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from oracle.arrow import Frame, parse_type
from oracle.values import parse_date, parse_instant, parse_time, single

_TEXT = ["", "a", "A", "ab", "abc", "é", "e\u0301", "😀", "a😀b", "ß", "Σ", "%", "_", "a%b", "12", "-7", "1.50", "1e3", " 1", "true", "2024-02-29",
         "2026-01-31 13:00:00", "a,b,,c", "x\ny"]  # fmt: skip
_DATES = [
    parse_date(text)
    for text in (
        "0001-01-01",
        "1969-12-31",
        "1970-01-01",
        "2000-02-29",
        "2024-02-29",
        "2026-01-31",
        "2027-01-03",
        "9998-12-31",
    )
]
_INSTANTS = [parse_instant(text)[0] for text in ("1677-09-22", "1969-12-31T23:59:59.999999", "1970-01-01", "2024-02-29T12:30:45.5", "2026-03-29T02:30:00",
             "2026-10-25T02:30:00", "2262-04-11")]  # fmt: skip
_FAR = [*_INSTANTS, parse_instant("0001-01-01")[0], parse_instant("9998-12-31T23:59:59")[0]]
_TIMES = [parse_time(text) for text in ("00:00", "06:30:00.25", "12:00:00", "23:59:59.999999")]
_INTS = [0, 1, -1, 2, 3, 7, -7, 10, 100, 2**31, 2**53 + 1, 2**63 - 1, -(2**63)]
_DOUBLES = [
    0.0,
    -0.0,
    0.1,
    0.5,
    1.0,
    -1.5,
    2.5,
    1e-7,
    123456.789,
    2.0**53,
    2.0**63,
    1e22,
    1e300,
    -1e308,
    math.nan,
    math.inf,
    -math.inf,
]
_MOST = "9" * 28 + "." + "9" * 10
# name, Arrow type, kind in the grammar, values
COLUMNS: list[tuple[str, str, str, list[Any]]] = [
    ("i", "int64", "int", _INTS),
    ("k", "int8", "int", [0, 1, -1, 7, 127, -128]),
    ("u", "uint64", "dec", [0, 1, 2**53 + 1, 2**64 - 1]),
    ("m", "decimal(10, 2)", "dec", [Decimal(text) for text in ("0.00", "0.01", "-0.01", "2.50", "-2.55", "12.00", "99999999.99")]),
    ("w", "decimal(38, 10)", "dec", [Decimal(text) for text in ("0E-10", "1E-10", "-1.5000000000", _MOST, f"-{_MOST}")]),
    ("x", "float64", "dbl", _DOUBLES),
    ("f", "float32", "dbl", [single(value) for value in _DOUBLES if abs(value) < 1e38 or not math.isfinite(value)]),
    ("s", "utf8", "text", _TEXT),
    ("z", "dict<utf8>", "text", _TEXT[:12]),
    ("b", "bool", "bool", [True, False]),
    ("c", "bool", "bool", [True, False]),
    ("d", "date32", "date", _DATES),
    ("e", "date64", "date", _DATES),
    ("t", "timestamp(us)", "ts", _FAR),
    ("n", "timestamp(ns)", "ts", _INSTANTS),
    ("g", "timestamp(s)", "ts", [value - value % 10**9 for value in _FAR]),
    ("q", "timestamp(ms, UTC)", "tz", [value - value % 10**6 for value in _FAR]),
    ("o", "time64(us)", "time", _TIMES),
    ("l", "list<int64>", "list", [[], [1], [3, None, 1], [2**63 - 1, 1], [None]]),
    ("v", "list<utf8>", "words", [[], ["a"], ["b", None, "a"], ["é", "😀", "a"]]),
    ("p", "list<decimal(9, 2)>", "decs", [[], [Decimal("1.50"), None], [Decimal("12.00"), Decimal("-0.01")]]),
    ("y", "binary", "blob", [b"", b"abc", b"\xff\x00"]),
    ("h", "duration(us)", "ival", [0, 1000, 86_400_000_000_000, -1_500_000, (2**63 - 1) * 1000]),
    ("j", "duration(s)", "ival", [0, 60 * 10**9, -86_400_000_000_000, (2**63 - 1) * 10**9]),
    ("r", "struct<a: int32, B: utf8>", "struct", [{"a": 1, "B": "x"}, {"a": None, "B": None}]),
    ("nil", "null", "null", [None]),
]  # fmt: skip
LITERALS: dict[str, list[str]] = {
    "int": ["0", "1", "-1", "2", "3", "7", "10", "9223372036854775807"],
    "dec": ["0.5", "1.50", "-2.5", "0.01", "12.00", "9223372036854775808", "0.1234567890"],
    "dbl": ["1e0", "0e0", "-1.5e0", "1e300", "2.5e-1"],
    "text": ["'a'", "'ab'", "''", "'é'", "'12'", "'😀'", "'2024-02-29'", "','"],
    "bool": ["TRUE", "FALSE"],
    "date": ["DATE '2024-02-29'", "DATE '2026-01-31'", "DATE '0001-01-01'"],
    "ts": [
        "TIMESTAMP '2024-02-29 12:30:45.5'",
        "TIMESTAMP '1969-12-31 23:59:59.999999'",
        "TIMESTAMP '2026-01-31 00:00:00.000000001'",
    ],
    "tz": ["TIMESTAMP '2024-02-29 12:30:45Z'", "TIMESTAMP '2026-01-31 00:00:00+01:00'"],
    "time": ["TIME '12:00:00'", "TIME '23:59:59.5'"],
    "list": ["[1, 2]", "[NULL, 3]", "[1]"],
    "words": ["['a', 'b']", "['a', NULL]"],
    "blob": ["unhex('616263')"],
    "decs": ["[1.50, 12]", "[0.01, NULL]"],
    "null": ["NULL"],
}
TEMPLATES: dict[str, str] = {
    "int": """<int> + <int>; <int> - <int>; <int> * <int>; <int> % <int>; <int> // <int>; -<int>; abs(<int>); sign(<num>); div(<int>, <int>); gcd(<int>, <int>)
        lcm(<int>, <int>); length(<text>); octet_length(<text>); strpos(<text>, <text>); ascii(<text>); CASE WHEN <bool> THEN <int> ELSE <int> END
        CASE WHEN <bool> THEN <int> END; coalesce(<int>, <int>); nullif(<int>, <int>); CAST(<dec> AS BIGINT); CAST(<dbl> AS BIGINT); TRY_CAST(<text> AS BIGINT)
        CAST(<int> AS TINYINT); TRY_CAST(<int> AS SMALLINT); len(<list>); <list>[<int>]; list_sum(<list>); list_min(<list>); list_max(<list>)
        list_position(<list>, <int>); year(<date>); month(<ts>); week(<date>); isoyear(<date>); dayofweek(<ts>); dayofyear(<date>); hour(<ts>); minute(<time>)
        microsecond(<ts>); <date> - <date>; date_diff('month', <date>, <date>); date_diff('hour', <ts>, <ts>); date_sub('month', <ts>, <ts>)
        date_sub('day', <date>, <date>); epoch(<ts>); epoch_ms(<tz>); greatest(<int>, <int>); least(<int>, <int>, <int>); floor(<int>); round(<int>, -1)
        levenshtein(<text>, <text>); num_nulls(<any>, <any>); crc32(<text>); factorial(<int>); if(<bool>, <int>, <int>); r.a; width_bucket(<int>, <int>, <int>, <int>)
        days_in_month(<date>); regexp_count(<text>, 'a|é'); last_day(<date>) - <date>; quarter(<ts>); epoch_us(<ts> - <ts>)
        day(<date>); isodow(<ts>); second(<ts>); millisecond(<time>); nanosecond(<ts>); date_part('dow', <ts>); date_part('hour', <time>); EXTRACT(day FROM <date>)
        epoch_ns(<ts>); epoch_ms(<ival>); num_nonnulls(<any>, <any>, <any>); unicode(<text>); list_extract(<list>, <int>); date_diff('isoyear', <date>, <date>); +<int>
        width_bucket(<dec>, <int>, <dec>, 10); octet_length(<blob>); list_position(<decs>, <dec>); POSITION(<text> IN <text>); CAST(<text> AS INTEGER); len(<words>)""",
    "dec": """<dec> + <dec>; <dec> - <int>; <dec> * <dec>; <dec> % <dec>; <dec> / <int>; <int> / <dec>; -<dec>; abs(<dec>); round(<dec>, 1); round(<dec>); floor(<dec>)
        ceil(<dec>); trunc(<dec>, 1); coalesce(<dec>, <int>); CASE WHEN <bool> THEN <dec> ELSE <int> END; CAST(<int> AS DECIMAL(20, 4)); CAST(<dec> AS DECIMAL(12, 3))
        CAST(<dbl> AS DECIMAL(20, 5)); TRY_CAST(<text> AS DECIMAL(8, 2)); mod(<dec>, <int>); greatest(<dec>, <int>); nullif(<dec>, <int>)
        list_avg([<dec>, <int>]); CAST(<dec> AS DECIMAL); list_sum(<decs>); list_max(<decs>); <decs>[<int>]; sign(<dec>) * <dec>; least(<dec>, <dec>, 1.50)""",
    "dbl": """<dbl> + <dbl>; <dbl> - <int>; <dbl> * <dbl>; <dbl> / <dbl>; <int> / <int>; <dbl> % <dbl>; -<dbl>; abs(<dbl>); round(<dbl>, 1); round(<dbl>); floor(<dbl>)
        ceil(<dbl>); trunc(<dbl>); sqrt(<dbl>); coalesce(<dbl>, <int>); CASE WHEN <bool> THEN <dbl> ELSE 0.1 END; CAST(<int> AS DOUBLE); CAST(<dec> AS DOUBLE)
        TRY_CAST(<text> AS DOUBLE); greatest(<dbl>, <int>); nullif(<dbl>, 0); <dbl> + 0.1; f + 0.1; degrees(<dbl>); list_avg(<list>); if(<bool>, f, 0.1); radians(<dbl>)
        pi() * <dbl>; list_max([<dbl>, <dbl>]); nullif(<dbl>, <dbl>); list_sum([<dbl>, <int>]); mod(<dbl>, <dbl>)""",
    "text": """<text> || <text>; upper(<text>); lower(<text>); reverse(<text>); trim(<text>, 'a'); ltrim(<text>); substring(<text>, <int>); substring(<text>, <int>, <int>)
        left(<text>, <int>); right(<text>, <int>); replace(<text>, <text>, <text>); translate(<text>, <text>, <text>); concat(<text>, <text>); concat_ws(<text>, <text>, <text>)
        lpad(<text>, <int>, <text>); rpad(<text>, 4, 'x'); repeat(<text>, <int>); split_part(<text>, ',', <int>); coalesce(<text>, <text>); nullif(<text>, <text>)
        CASE WHEN <bool> THEN <text> ELSE <text> END; CAST(<int> AS VARCHAR); CAST(<dec> AS VARCHAR); CAST(<dbl> AS VARCHAR); CAST(<bool> AS VARCHAR); CAST(<date> AS VARCHAR)
        CAST(<ts> AS VARCHAR); CAST(<tz> AS VARCHAR); CAST(<time> AS VARCHAR); md5(<text>); hex(<text>); hex(<int>); chr(<int>); <words>[1]; array_to_string(<words>, '-')
        regexp_replace(<text>, '[a-c]', '<>', 'g'); regexp_extract(<text>, '[a-z]+'); monthname(<date>); strftime(<ts>, '%Y-%j %H:%M:%S.%f'); base64_encode(<text>); r.B
        CAST(<blob> AS VARCHAR); CAST(<ival> AS VARCHAR); sha1(<text>); sha256(<blob>); dayname(<ts>); rtrim(<text>, 'b'); hex(<blob>); TRIM(LEADING 'a' FROM <text>)
        SUBSTRING(<text> FROM <int> FOR <int>); regexp_extract(<text>, '(a)|(b)', 2); list_extract(<words>, <int>); list_max(<words>); greatest(<text>, <text>)""",
    "bool": """<int> = <int>; <int> < <int>; <int> <> <dec>; <dec> >= <dec>; <dbl> < <dbl>; <dbl> = <int>; <dbl> >= 0.1; f = 0.1; <text> = <text>; <text> < <text>; <date> < <date>
        <ts> <= <ts>; <tz> > <tz>; <time> < <time>; <bool> = <bool>; <bool> AND <bool>; <bool> OR <bool>; NOT <bool>; <bool> AND <bool> OR <bool>; <any> IS NULL; <any> IS NOT NULL
        <num> IS DISTINCT FROM <int>; <dbl> IS NOT DISTINCT FROM <dbl>; <text> IS DISTINCT FROM <text>; <bool> IS TRUE; <bool> IS NOT FALSE; <int> IN (1, <int>, NULL)
        <int> IN (1, 2, 7); <text> IN ('a', 'é', NULL); <dec> IN (2.5, 12); <dbl> IN (0.1, 2.5); f IN (0.1, NULL); <int> NOT IN (1, 2); <int> BETWEEN <int> AND <int>
        <dbl> BETWEEN 0 AND 1.5; <text> LIKE 'a%'; <text> LIKE '_b%'; <text> ILIKE 'A%'; <text> NOT LIKE '%é'; <text> LIKE 'a!%%' ESCAPE '!'; regexp_matches(<text>, '^[a-c]')
        starts_with(<text>, <text>); contains(<text>, <text>); ends_with(<text>, <text>); is_nan(<dbl>); is_finite(<dbl>); coalesce(<bool>, <bool>); CASE WHEN <bool> THEN <bool> END
        CASE <int> WHEN <int> THEN <bool> WHEN <int> THEN <bool> ELSE <bool> END; list_contains(<list>, <int>); list_has_any(<list>, <list>); TRY_CAST(<text> AS BOOLEAN)
        <ts> - <ts> > INTERVAL '1 day'; nullif(<bool>, <bool>); <date> = <ts>; <blob> = <blob>; list_has_all(<list>, <list>); <date> >= '2024-01-01'
        regexp_full_match(<text>, 'a.*'); is_infinite(<dbl>); is_nan(nullif(<dbl>, <dbl>)); <ival> < <ival>; <ival> = <ival>; <ival> BETWEEN INTERVAL '0 seconds' AND INTERVAL '1 day'
        <ival> IN (INTERVAL '1 minute', NULL); <time> = '12:00:00'; <ts> >= '2024-01-01 00:00:00'; <date> IN ('2024-02-29', NULL); <blob> < <blob>; CASE <ts> WHEN <ts> THEN <bool> END
        list_contains(<decs>, <dec>); list_contains([<date>], '2024-02-29'); list_has_all(<words>, <words>); <ival> IS DISTINCT FROM <ival>; <tz> IS NOT DISTINCT FROM <tz>
        <num> <= <int>; <time> IN (<time>, NULL); like(<text>, 'a%'); '2024-02-29' - <date> > 0""",
    "date": """<date> + k; <date> - k; <date> + 1; <date> + INTERVAL '1 month'; <date> - INTERVAL '1 year 3 days'; CAST(<ts> AS DATE); date_trunc('month', <date>); date_trunc('week', <date>)
        last_day(<date>); make_date(<int>, <int>, <int>); coalesce(<date>, <date>); CASE WHEN <bool> THEN <date> ELSE <date> END; TRY_CAST(<text> AS DATE); greatest(<date>, <date>)""",
    "ts": """<ts> + INTERVAL '1 month'; <ts> - INTERVAL '36 hours'; <ts> + INTERVAL '1 microsecond'; date_trunc('hour', <ts>); date_trunc('quarter', <ts>); CAST(<date> AS TIMESTAMP)
        <tz> AT TIME ZONE 'Europe/Berlin'; coalesce(<ts>, <ts>); CASE WHEN <bool> THEN <ts> ELSE <ts> END; TRY_CAST(<text> AS TIMESTAMP); make_timestamp(<int>, 1, 31, <int>, 0, 5)
        strptime(<text>, '%Y-%m-%d'); least(<ts>, <ts>); <ts> + <ival>; <ts> - <ival>
        date_trunc('isoyear', <ts>); <ts> + (INTERVAL '1 day' - INTERVAL '1 hour'); coalesce(<date>, <ts>)""",
    "tz": """<ts> AT TIME ZONE 'Europe/Berlin'; <ts> AT TIME ZONE 'America/New_York'; to_timestamp(<int>); coalesce(<tz>, <tz>); <tz> + INTERVAL '1 day'; timezone('UTC', <ts>)""",
    "time": "CAST(<ts> AS TIME); make_time(<int>, 0, 1); coalesce(<time>, <time>); TRY_CAST('12:30' AS TIME)",
    "list": """[<int>, <int>]; list_sort(<list>); list_reverse(<list>); list_distinct(<list>); list_concat(<list>, <list>); list_slice(<list>, <int>, <int>); coalesce(<list>, <list>)
        CASE WHEN <bool> THEN <list> END""",
    "words": "[<text>, <text>]; string_split(<text>, ','); list_sort(<words>); list_distinct(<words>); string_split(<text>, '')",
    "decs": "[<dec>, <int>]; list_sort(<decs>); list_concat(<decs>, <decs>)",
    "ival": "<ts> - <ts>; <tz> - <tz>; <ival> + <ival>; <ival> - <ival>; coalesce(<ival>, <ival>); CASE WHEN <bool> THEN <ival> END; greatest(<ival>, <ival>)",
    "blob": "<blob> || <blob>; unhex(hex(<text>)); base64_decode(base64_encode(<text>)); CAST(<text> AS BLOB)",
}  # fmt: skip
GRAMMAR = {
    kind: [part.strip() for part in re.split(r"[;\n]", text) if part.strip()] for kind, text in TEMPLATES.items()
}
_UNIONS = {
    "num": ["int", "dec", "dbl"],
    "any": ["int", "dec", "dbl", "text", "bool", "date", "ts", "tz", "time", "list", "ival", "blob", "null"],
}


@dataclass
class Rules:
    """A contract of row rules, the frame to judge, and the expressions."""

    contract: str
    frame: Frame
    expressions: list[str]


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int) -> str:
    """An expression of the kind, `depth` operations deep at most. One in forty operands is of another kind."""
    if draw(st.integers(0, 39)) == 0:
        kind = draw(st.sampled_from(sorted(GRAMMAR)))
    kind = draw(st.sampled_from(_UNIONS[kind])) if kind in _UNIONS else kind
    if depth <= 0 or kind not in GRAMMAR or draw(st.integers(0, 5)) == 0:
        columns = [name for name, _, of, _ in COLUMNS if of == kind]
        leaves = columns * 2 + LITERALS.get(kind, []) if columns else LITERALS[kind]
        return draw(st.sampled_from(leaves)) if draw(st.integers(0, 14)) else "NULL"
    template = draw(st.sampled_from(GRAMMAR[kind]))
    holes = re.split(r"<(\w+)>", template)
    parts = [part if at % 2 == 0 else draw(expressions(part, depth - 1)) for at, part in enumerate(holes)]
    return "(" + "".join(parts) + ")"


@st.composite
def frames(draw: st.DrawFn, rows: int) -> Frame:
    """The columns of [`COLUMNS`] with values of their pools, NULLs among them."""
    columns = [
        draw(st.lists(st.sampled_from([None, *values, *values]), min_size=rows, max_size=rows))
        for *_, values in COLUMNS
    ]
    return Frame([name for name, *_ in COLUMNS], [parse_type(kind) for _, kind, *_ in COLUMNS], columns, rows)


@st.composite
def rules(draw: st.DrawFn, count: int = 4, depth: int = 5) -> Rules:
    """Row rules over a frame of up to eight records."""
    frame = draw(frames(draw(st.integers(0, 8))))
    found = [draw(expressions("bool", depth)) for _ in range(draw(st.integers(1, count)))]
    quality = []
    for at, text in enumerate(found):
        body: Any = draw(st.sampled_from([{"rule": text}, {"rule": text, "onNull": "fail"}, text]))
        rule: dict[str, Any] = {"id": f"q{at}", "type": "custom", "engine": "guard_nb", "implementation": body}
        if draw(st.integers(0, 4)) == 0:
            rule |= {
                draw(st.sampled_from(["mustBe", "mustBeLessThan", "mustBeGreaterThan"])): draw(
                    st.sampled_from([0, 1, 2, 50])
                )
            }
            rule |= {"unit": draw(st.sampled_from(["rows", "percent"]))}
        if draw(st.integers(0, 4)) == 0:
            rule["severity"] = draw(st.sampled_from(["warning", "info"]))
        quality.append(rule)
    properties = [{"name": name} for name, *_ in COLUMNS[: draw(st.integers(0, 6))]]
    target = {"name": "t", "properties": properties, "quality": quality}
    tree = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "r",
        "version": "1.0.0",
        "status": "active",
        "schema": [target],
    }
    return Rules(json.dumps(tree, ensure_ascii=False), frame, found)
