"""The oracle of expressions against DuckDB: equal where both mean the same, and as listed where they do not."""

from __future__ import annotations

import math
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import duckdb
import pytest

from expression_differences import DIFFERENCES
from oracle.arrow import Frame
from oracle.expression.evaluate import Names, evaluate
from oracle.expression.functions import APPROXIMATE
from oracle.expression.parse import Node, parse
from oracle.expression.values import Fault
from oracle.row_rules import arrow_of
from oracle.values import Refused
from vector_reader import table

FAILS = "fails"
ROWS = table("""
i: int64 | j: int64 | m: decimal(10, 2) | k: decimal(6, 3) | x: float64 | y: float64 | s: utf8 | u: utf8 | b: bool | c: bool | d: date32 | t: timestamp(us) | o: time64(us) | l: list<int64> | w: list<utf8>
7 | 2 | "12.50" | "2.125" | 0.1 | 2.5 | "Abc" | "b" | true | false | "2026-01-31" | "2026-01-31T13:14:15.5" | "13:14:15" | [3, 1, 2] | ["a", "b"]
-7 | 3 | "-0.01" | "0.005" | -1.5 | 1e300 | "a%b_c" | "%" | false | null | "2024-02-29" | "1969-12-31T23:59:59.999999" | "00:00:00" | [1, null, 1] | ["x"]
0 | 1 | "99999999.99" | "-999.999" | 1e-7 | 9007199254740993 | "" | "" | null | true | "1970-01-01" | "2024-02-29T00:00:00" | "23:59:59.999999" | [] | []
9223372036854775807 | -1 | "0.00" | "1.000" | 123456.789 | -2 | "ñandú 😀" | "ñ" | true | true | "0101-01-01" | "2000-02-29T12:00:00" | "06:30:00.25" | [9223372036854775807, 1] | ["ñ", null, "ñ"]
-9223372036854775808 | 10 | null | null | null | 3 | null | "x" | false | false | null | null | null | null | null
100 | 7 | "2.50" | "0.125" | 2.5 | 1 | "x,y,,z" | "," | false | true | "2023-12-31" | "2023-12-31T00:00:00" | "12:00:00" | [null] | ["a", "a", null]
""")  # fmt: skip
SAME = """
i + j; i - j; i * j; -i; i % j; i // j; i / j; i + 1; i * 2 - j; (i + j) * 2; abs(i); sign(i); i = j; i <> j; i < j; i <= j; i > j; i >= j
m + k; m - k; m * k; m + i % 1000; m - 1; m * 2; -m; m = k; m < k; m >= 2.5; m <> 2.50; m = 0; abs(m); sign(m); m + 1.005; m % 7; k * 0.5; m = 12.5
x + y; x - y; x * 2e0; -x; x < y; x = 0.1; x > 2; abs(x); x + 1; x * j; x / 4; i = x; i < y; j >= y; sign(x)
b AND c; b OR c; NOT b; b AND NULL; b OR NULL; NOT NULL; b AND NOT c OR b; b = c; b <> c; b < c; b IS TRUE; b IS NOT TRUE; b IS FALSE; b IS NOT FALSE
b IS NULL; b IS NOT NULL; i IS NULL; s IS NULL; m IS NOT NULL; i IS DISTINCT FROM j; s IS DISTINCT FROM u; s IS NOT DISTINCT FROM NULL; x IS NOT DISTINCT FROM 0.1
i IN (7, 8); i IN (7, NULL); i IN (1, NULL); NULL IN (1, 2); s IN ('Abc', ''); m IN (2.5, 12.50); i NOT IN (1, 2); i NOT IN (1, NULL); x IN (0.1, 2.5)
i BETWEEN 0 AND 10; m BETWEEN 0 AND 12.5; x NOT BETWEEN 0 AND 1; s BETWEEN 'A' AND 'b'; d BETWEEN DATE '2000-01-01' AND DATE '2026-01-31'; i BETWEEN NULL AND 5
CASE WHEN i > 0 THEN 'p' WHEN i < 0 THEN 'n' ELSE 'z' END; CASE WHEN b THEN 1 END; CASE i WHEN 7 THEN 1 WHEN 0 THEN 2 ELSE 3 END; CASE WHEN NULL THEN 1 ELSE 2 END
CASE WHEN b THEN i ELSE m END; if(b, i, j); CASE s WHEN NULL THEN 1 ELSE 0 END; coalesce(s, u, 'z'); coalesce(m, 1); coalesce(NULL, i); ifnull(s, 'n'); nullif(i, 7); nullif(s, '')
nullif(j, 1); coalesce(x, j); nullif(m, 2.5)
s || u; s || NULL; upper(s); lower(s); length(s); reverse(s); trim(s); ltrim(s, 'A'); rtrim(s, 'c'); trim(s, 'ac'); substring(s, 2); substring(s, 2, 2); substring(s, 1, 0)
left(s, 2); right(s, 2); left(s, -1); right(s, -1); strpos(s, u); contains(s, u); starts_with(s, u); ends_with(s, u); replace(s, u, '-'); replace(s, 'b', '');
translate(s, 'ab', 'xy'); concat(s, u); concat(s, NULL, 'x'); concat_ws('-', s, u); concat_ws('-', s, NULL, u); lpad(s, 8, '*'); rpad(s, 8, 'xy'); lpad(s, 2, '*'); repeat(s, 3); repeat(s, 0)
split_part(s, ',', 1); split_part(s, ',', 2); split_part(s, ',', -1); split_part(s, ',', 9); ascii(s); chr(65); chr(241); levenshtein('kitten', 'sitting'); instr(s, u)
s LIKE 'A%'; s LIKE '%b%'; s LIKE '_bc'; s LIKE ''; s LIKE 'a!%b%' ESCAPE '!'; s ILIKE 'aBC'; s NOT LIKE 'A%'; s ILIKE '%Ñ%'; s LIKE '%'; s NOT ILIKE 'x%'
s < u; s >= 'a'; s = 'Abc'; s <> u; s = u; md5(s); sha256(s); sha1(s); hex(s); hex(i); to_base64('abc'::BLOB); regexp_matches(s, 'b'); regexp_matches(s, '^A'); regexp_full_match(s, 'A.c')
regexp_extract('a-12', '[0-9]+'); regexp_replace(s, 'b', 'X'); regexp_replace(s, '[a-c]', '<\\0>', 'g'); regexp_extract('a-12', '([a-z])-([0-9])', 2)
CAST(i AS VARCHAR); CAST(m AS VARCHAR); CAST(b AS VARCHAR); CAST(d AS VARCHAR); CAST(j AS DOUBLE); CAST(m AS DOUBLE); CAST(k AS DECIMAL(10, 4)); CAST(j AS DECIMAL(10, 2)); CAST('12' AS BIGINT)
CAST(j AS TINYINT); CAST(i AS INTEGER); CAST(i AS SMALLINT); TRY_CAST(i AS TINYINT); TRY_CAST('x' AS BIGINT); TRY_CAST(s AS DOUBLE); CAST('1.5' AS DECIMAL(3, 1)); CAST('1e3' AS DOUBLE); CAST('true' AS BOOLEAN)
CAST('2026-01-31' AS DATE); TRY_CAST('2026-02-30' AS DATE); CAST('2026-01-31 13:00:00' AS TIMESTAMP); CAST(t AS DATE); CAST(t AS TIME); CAST(d AS TIMESTAMP); CAST('13:00:00.5' AS TIME); CAST(s AS VARCHAR)
CAST(t AS VARCHAR); CAST(o AS VARCHAR); CAST(NULL AS BIGINT); CAST(2.00 AS BIGINT); CAST('abc' AS BLOB)
d + 1; d - 1; d - DATE '2026-01-01'; d < DATE '2025-01-01'; d = DATE '2024-02-29'; t < TIMESTAMP '2000-01-01 00:00:00'; t + INTERVAL '1 day'; t - INTERVAL '90 minutes'; t + INTERVAL '1 month'
t - INTERVAL '1 year'; t + INTERVAL '1 month 1 day'; t - TIMESTAMP '2000-01-01 00:00:00'; o < TIME '12:00:00'; t = d; t > d; (t AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'UTC'; (t AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'America/New_York'
t - TIMESTAMP '2026-01-31 00:00:00' > INTERVAL '1 hour'; d >= '2024-01-01'; t >= '2024-01-01 00:00:00'; (TIMESTAMP '2026-03-29 02:30:00' AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'UTC'
len(l); l[1]; l[-1]; l[9]; list_extract(l, 2); list_contains(l, 1); list_position(l, 1); list_min(l); list_max(l); list_sum(list_slice(l, 2, 3)); list_avg([1, 2]); list_sort(l); list_reverse(l); list_concat([1], [5])
len(list_distinct(l)); list_has_any(l, [1, 5]); list_has_all(l, [1]); array_to_string(w, '-'); string_split(s, ','); [i, j]; list_value(1, 2); list_slice(l, 2, 3); w[1]; list_contains(w, 'a'); string_split('a,b', ',')
round(m); round(m, 1); round(k, 2); round(j, 0); floor(m); ceil(m); trunc(m); round(123, -1); round(x); floor(x); ceil(x); trunc(x); floor(j); round(2.5e0); round(-2.5e0); round(m, 5)
sqrt(j * j); cbrt(27e0); exp(1e0); ln(2e0); log10(1000e0); log2(8e0); log(100e0); power(2, 10); pow(2e0, 0.5); sin(x); cos(x); tan(x); asin(0.5); acos(0.5); atan(x); atan2(x, 1); degrees(x); radians(x); pi()
gcd(12, j); lcm(4, j); greatest(i, j); least(i, j, 0); greatest(s, u); least(m, k); greatest(NULL, j); factorial(5); mod(j, 3); mod(m, 7); hex(unhex('4a6f')); isnan(x); isfinite(x); isinf(x)
year(d); quarter(d); month(d); week(d); isoyear(d); day(d); dayofweek(d); isodow(d); dayofyear(d); year(t); month(t); hour(t); minute(t); second(t); millisecond(t); microsecond(t); hour(o); minute(o); second(o)
date_part('month', d); date_part('dow', t); date_part('doy', t); date_part('hour', t); monthname(d); dayname(d); last_day(d); last_day(t); date_trunc('month', t); date_trunc('week', t); date_trunc('hour', t); date_trunc('year', t)
date_trunc('quarter', t); date_trunc('day', t); date_trunc('second', t); date_trunc('isoyear', t); date_diff('day', d, DATE '2026-02-01'); date_diff('month', d, DATE '2026-02-01'); date_diff('year', d, DATE '2026-02-01')
date_diff('quarter', d, DATE '2026-02-01'); date_diff('hour', t, TIMESTAMP '2026-02-01 00:30:00'); date_diff('second', t, TIMESTAMP '2026-02-01 00:30:00'); date_diff('day', t, TIMESTAMP '2026-02-01 00:30:00')
date_sub('day', t, TIMESTAMP '2026-02-01 00:30:00'); date_sub('month', t, TIMESTAMP '2026-02-01 00:30:00'); date_sub('year', d, DATE '2026-02-01'); date_sub('month', d, DATE '2026-02-28'); date_sub('month', DATE '2026-02-28', d)
date_sub('hour', t, TIMESTAMP '2026-02-01 00:30:00'); date_sub('week', d, DATE '2026-02-01'); date_sub('quarter', d, DATE '2026-02-01'); make_date(2024, 2, 29); make_date(j + 2000, 1, 31); make_timestamp(2026, 1, 31, 13, 0, 5); make_time(13, 0, 5)
epoch_us(t); epoch_us(d); strftime(t, '%d.%m.%Y %H:%M:%S'); strftime(d, '%A, %B %d'); strftime(t, '%j %y %a %b %f %g %%'); strptime('31.01.2026', '%d.%m.%Y'); strptime('2026-01-31 13:05:09', '%Y-%m-%d %H:%M:%S')
strptime('Jan 31 2026', '%b %d %Y'); extract(year FROM d); timezone('UTC', timezone('Asia/Tokyo', t)); epoch_us(t - TIMESTAMP '2024-01-01 00:00:00'); date_diff('minute', o, TIME '12:00:00')
""".replace("\\\\", "\\")  # fmt: skip
EXPRESSIONS = [part.strip() for part in SAME.replace("\n", ";").split(";") if part.strip()]


def connection() -> duckdb.DuckDBPyConnection:
    """DuckDB with the rows as table `r`, in the order of `n`."""
    made = duckdb.connect(":memory:")
    made.execute("SET TimeZone = 'UTC'")
    types = {
        "int64": "BIGINT",
        "float64": "DOUBLE",
        "utf8": "VARCHAR",
        "bool": "BOOLEAN",
        "date32": "DATE",
        "time64": "TIME",
        "timestamp": "TIMESTAMP",
    }
    columns = []
    for name, kind in zip(ROWS.names, ROWS.types, strict=True):
        plain = kind.item if kind.name == "list" else kind
        sql = f"DECIMAL({', '.join(plain.args)})" if plain.name == "decimal" else types[plain.name]
        columns.append(f"{name} {sql}{'[]' if kind.name == 'list' else ''}")
    made.execute(f"CREATE TABLE r (n INTEGER, {', '.join(columns)})")
    for row in range(ROWS.rows):
        values = [_bound(column[row], kind.name) for column, kind in zip(ROWS.columns, ROWS.types, strict=True)]
        made.execute(f"INSERT INTO r VALUES ({row}{', ?' * len(values)})", values)
    return made


def _bound(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "date32":
        return date(1970, 1, 1) + timedelta(days=value)
    if kind == "timestamp":
        return datetime(1970, 1, 1) + timedelta(microseconds=value // 1000)
    if kind == "time64":
        return (datetime(1970, 1, 1) + timedelta(microseconds=value // 1000)).time()
    return value


DUCK = connection()


def theirs(text: str, row: int | None) -> Any:
    """What DuckDB makes of a record, in our form."""
    source = "" if row is None else f" FROM r WHERE n = {row}"
    try:
        (value,) = DUCK.execute(f"SELECT ({text}){source}").fetchone() or (None,)
    except duckdb.Error:
        return FAILS
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, (Decimal, date, datetime, time, timedelta)):
        value = arrow_of(value)[1]
    return Fraction(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def ours(text: str, row: int | None, frame: Frame = ROWS) -> Any:
    """What the oracle makes of it."""
    record = {} if row is None else {name: column[row] for name, column in zip(frame.names, frame.columns, strict=True)}
    try:
        kind, value = evaluate(text, Names(dict(zip(frame.names, frame.types, strict=True))), record)
    except Fault:
        return FAILS
    if kind.name == "INTERVAL" and value is not None:
        value = value[1]
    return _plain(value)


def approximate(node: Node) -> bool:
    """Does it call a function whose last bit is open?"""
    return (node.kind == "call" and node.value in APPROXIMATE) or any(map(approximate, node.args))


def agree(left: Any, right: Any, near: bool) -> bool:
    """Equal, numbers by value; NaN equals NaN."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(agree(a, b, near) for a, b in zip(left, right, strict=True))
    numbers = [value for value in (left, right) if isinstance(value, (Fraction, float))]
    if len(numbers) < 2:
        return type(left) is type(right) and bool(left == right)
    if all(isinstance(value, float) and math.isnan(value) for value in numbers):
        return True
    return bool(left == right) or (near and math.isclose(left, right, rel_tol=1e-14))


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_means_what_duckdb_means(text: str) -> None:
    near = approximate(parse(text))
    found = [(row, ours(text, row), theirs(text, row)) for row in range(ROWS.rows)]
    assert [entry for entry in found if not agree(entry[1], entry[2], near)] == []
    assert any(entry[1] is not FAILS for entry in found)


@pytest.mark.parametrize(("text", "mine", "other", "reason"), DIFFERENCES, ids=[entry[0] for entry in DIFFERENCES])
def test_differs_from_duckdb_as_listed(text: str, mine: str, other: str, reason: str) -> None:
    assert written(lambda: ours(text, None)) == mine
    assert written(lambda: theirs(text, None)) == other
    assert mine != other
    assert reason


def written(run: Any) -> str:
    """A result as the table of differences writes it."""
    try:
        value = run()
    except Exception as refused:
        return f"refused: {getattr(refused, 'code', refused)}"
    if isinstance(value, Fraction):
        return str(value.numerator if value.denominator == 1 else Decimal(value.numerator) / value.denominator)
    return "NULL" if value is None else value if isinstance(value, str) else repr(value)


def test_the_rows_reach_duckdb_unchanged() -> None:
    for name in ROWS.names:
        assert all(agree(ours(name, row), theirs(name, row), near=False) for row in range(ROWS.rows)), name


@pytest.mark.parametrize(
    ("text", "large"),
    [
        ("'" + "x" * (64 * 1024 - 2) + "'", False),
        ("'" + "x" * (64 * 1024 - 1) + "'", True),
        ("'" + "é" * (32 * 1024) + "'", True),
        ("1 IN (" + ", ".join(map(str, range(10_000))) + ")", False),
        ("1 IN (" + ", ".join(map(str, range(10_001))) + ")", True),
        ("+".join(["1"] * 10_000), False),
        ("(" * 64 + "1" + ")" * 64, False),
        ("(" * 65 + "1" + ")" * 65, True),
        ("CASE WHEN TRUE THEN " * 64 + "1" + " END" * 64, False),
        ("CASE WHEN TRUE THEN " * 65 + "1" + " END" * 65, True),
    ],
    ids=lambda value: str(value)[:20],
)
def test_limits(text: str, large: bool) -> None:
    with pytest.raises(Refused, match="expression-too-large") if large else nullcontext():
        parse(text)
