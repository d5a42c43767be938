"""Where the language differs from DuckDB on purpose: expression, our result, DuckDB's, why. A test runs each on both."""

_ZERO = "a zero divisor is a fault, neither an infinity nor NaN (S6.11)"
_FINITE = "results that are NaN or infinite are faults (S6.12)"
_DOMAIN = "an argument outside of a function's domain is a fault, not NaN or an infinity (S6.6)"
_EXACT = "a cast keeps the value or fails; it does not round (S6.21)"
_STRICT = "texts are read strictly: no blanks, no other spellings (S6.21)"
_TRUTH = "truth values are no numbers, and numbers no truth values (S6.21)"
_IMPLICIT = "nothing is converted without a CAST (S6.2)"
_TEXT = "one text for each double, without exponent and sign of zero (S6.9)"
_CASE = "case mapping is Unicode's default, which can change the number of characters (S6.15)"
_LISTS = "lists are not compared (S6.8)"
_INTERVALS = "intervals only move dates and timestamps, and compare when they hold no months (S6.20)"
_CLOCK = "a DATE has no clock"
_PADDED = "directives have no flags: numbers have all their digits"
_ABSENT = "DuckDB has no such function"
_LIMIT = "results stay within 64 bits, 38 digits, 1 MiB (S6.10, S6.17)"
_SINGLE = "no FLOAT: a float32 column is the double that it is, written with all its digits (S6.3, S6.9)"
_FLOAT_TEXT = "a DOUBLE is never NaN or infinite unless a column holds it so (S6.21)"

ARITHMETIC: list[tuple[str, str, str, str]] = [
    ("1 / 0", "fails", "inf", _ZERO),
    ("5e0 % 0", "fails", "nan", _ZERO),
    ("1.0 / 3", "0.333333", "0.3333333333333333", "decimals divide as decimals, to six digits or more (S6.11)"),
    ("2.00 / 3", "0.666667", "0.6666666666666666", "decimals divide as decimals, to six digits or more (S6.11)"),
    ("1e300 * 1e300", "fails", "inf", _FINITE),
    ("7.5 // 2", "refused: operand-types", "3.75", "`//` is for integers"),
    ("99999999999999999999999999999999999999 + 1", "fails", "100000000000000000000000000000000000000", _LIMIT),
    ("9007199254740993 = 9007199254740992e0", "False", "True", "BIGINT and DOUBLE compare exactly (S6.13)"),
    ("floor(7)", "7", "7.0", "an integer stays one"),
    ("factorial(21)", "fails", "51090942171709440000", _LIMIT),
    ("sqrt(-1)", "fails", "nan", _DOMAIN),
    ("ln(0)", "fails", "-inf", _DOMAIN),
    ("log10(-1)", "fails", "nan", _DOMAIN),
    ("asin(2)", "fails", "nan", _DOMAIN),
    ("power(0, -1)", "fails", "inf", _DOMAIN),
    ("exp(1000)", "fails", "inf", _FINITE),
    ("round(2.675e0, 2)", "2.67", "2.68", "the exact binary value is rounded, which is below the middle"),
    ("width_bucket(5, 0, 10, 5)", "3", "fails", _ABSENT),
    ("log(2, 8)", "refused: argument-count", "3.0", "`log` is log10; other bases are a quotient of `ln`"),
    ("div(7, 2)", "3", "fails", _ABSENT),
    ("num_nulls(1, NULL)", "1", "fails", _ABSENT),
    ("is_nan(1e0)", "False", "fails", "named isnan"),
    ("crc32('a')", "3904355907", "fails", _ABSENT),
]
LOGIC: list[tuple[str, str, str, str]] = [
    ("CAST('x' AS BIGINT) = 1 AND FALSE", "False", "fails", "FALSE decides AND on either side (S6.8)"),
    ("1 AND TRUE", "refused: operand-types", "True", _TRUTH),
    ("NOT 1", "refused: operand-types", "False", _TRUTH),
    ("IF(1, 2, 3)", "refused: operand-types", "2", _TRUTH),
    ("1 = TRUE", "refused: operand-types", "True", _TRUTH),
    ("1 = '1'", "refused: operand-types", "True", _IMPLICIT),
    ("nvl(NULL, 1)", "1", "fails", _ABSENT),
    ("CASE WHEN TRUE THEN 1 ELSE 'a' END", "refused: operand-types", "1", _IMPLICIT),
    ("greatest(1, 'a')", "refused: operand-types", "fails", _IMPLICIT),
    ("[1, 2] = [1, 2]", "refused: operand-types", "True", _LISTS),
    ("[1] < [2]", "refused: operand-types", "True", _LISTS),
]
CASTS: list[tuple[str, str, str, str]] = [
    ("CAST(2.5 AS BIGINT)", "fails", "3", _EXACT),
    ("CAST(2.5e0 AS BIGINT)", "fails", "2", _EXACT),
    ("CAST(1.255 AS DECIMAL(3, 2))", "fails", "1.26", _EXACT),
    ("CAST('1.26' AS DECIMAL(3, 1))", "fails", "1.3", _EXACT),
    ("CAST(' 12' AS BIGINT)", "fails", "12", _STRICT),
    ("CAST('1e3' AS BIGINT)", "fails", "1000", _STRICT),
    ("CAST('12.0' AS BIGINT)", "fails", "12", _STRICT),
    ("CAST('1_000' AS BIGINT)", "fails", "1000", _STRICT),
    ("CAST('yes' AS BOOLEAN)", "fails", "True", _STRICT),
    ("CAST('t' AS BOOLEAN)", "fails", "True", _STRICT),
    ("CAST('2026-1-5' AS DATE)", "fails", "20458", _STRICT),
    ("CAST('2026-01-31 ' AS DATE)", "fails", "20484", _STRICT),
    ("CAST(1 AS BOOLEAN)", "refused: cast-type", "True", _TRUTH),
    ("CAST(TRUE AS BIGINT)", "refused: cast-type", "1", _TRUTH),
    ("CAST(1.0e0 AS VARCHAR)", "1", "1.0", _TEXT),
    ("CAST(1e22 AS VARCHAR)", "10000000000000000000000", "1e+22", _TEXT),
    ("CAST(1e-7 AS VARCHAR)", "0.0000001", "1e-07", _TEXT),
    ("CAST(-0e0 AS VARCHAR)", "0", "-0.0", _TEXT),
    ("CAST(CAST(0.1 AS REAL) AS VARCHAR)", "refused: cast-type", "0.1", _SINGLE),
    ("CAST('NaN' AS DOUBLE)", "fails", "nan", _FLOAT_TEXT),
    ("CAST('inf' AS DOUBLE)", "fails", "inf", _FLOAT_TEXT),
    ("TRY_CAST('1e400' AS DOUBLE)", "NULL", "inf", _FLOAT_TEXT),
]
TEXTS: list[tuple[str, str, str, str]] = [
    ("'a' + 1", "refused: operand-types", "fails", _IMPLICIT),
    ("1 || 'a'", "refused: operand-types", "1a", _IMPLICIT),
    ("'a' || 1", "refused: operand-types", "a1", _IMPLICIT),
    ("concat('a', 1)", "refused: argument-types", "a1", _IMPLICIT),
    ("length([1, 2])", "refused: argument-types", "2", "`len` is for lists"),
    ("len('abc')", "refused: argument-types", "3", "`length` is for texts"),
    ("upper('ß')", "SS", "ẞ", _CASE),
    ("lower('ΣΑΣ')", "σας", "σασ", _CASE),
    ("lower('İ')", "i\u0307", "i", _CASE),
    (
        "substring('abc', -1, 2)",
        "",
        "c",
        "positions count from 1; before the text there is nothing, as in standard SQL",
    ),
    ("substring('abc', 1, -1)", "fails", "", "a negative count is a fault"),
    ("levenshtein('ñ', 'n')", "1", "2", "scalar values are counted, not bytes (S6.15)"),
    (
        "reverse('e' || chr(769) || 'x')",
        "x\u0301e",
        "xe\u0301",
        "scalar values are reversed, not what is seen as one character (S6.15)",
    ),
    ("trim(chr(8195) || 'a')", "\u2003a", "a", "only U+0020 is a blank"),
    ("length(repeat('ab', 1000000))", "fails", "2000000", _LIMIT),
    ("unhex('4')", "fails", "b'\\x04'", "an odd number of digits is no byte"),
    ("regexp_extract('abc', 'x')", "NULL", "", "no match is NULL, which differs from an empty match"),
]
TIMES: list[tuple[str, str, str, str]] = [
    (
        "CAST((TIMESTAMP '2026-10-25 02:30:00' AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'UTC' AS VARCHAR)",
        "2026-10-25 00:30:00",
        "2026-10-25 01:30:00",
        "a local time that occurs twice is its first reading (S6.19)",
    ),
    (
        "DATE '2026-01-31' + INTERVAL '1 month'",
        "20512",
        "1772236800000000000",
        "a DATE moved by whole days or months is a DATE (S6.20)",
    ),
    (
        "DATE '2026-01-31' + INTERVAL '1 hour'",
        "refused: operand-types",
        "1769821200000000000",
        "a DATE moves by whole days and months (S6.20)",
    ),
    ("INTERVAL '1 month' > INTERVAL '29 days'", "refused: operand-types", "True", _INTERVALS),
    ("INTERVAL '1 month' = INTERVAL '30 days'", "refused: operand-types", "True", _INTERVALS),
    ("INTERVAL '1 day' + INTERVAL '1 day'", "refused: operand-types", "172800000000000", _INTERVALS),
    ("TIME '12:00:00' + INTERVAL '1 hour'", "refused: operand-types", "46800000000000", _INTERVALS),
]
TIMES += [
    ("epoch(TIMESTAMP '1969-12-31 23:59:59.5')", "-1", "-0.5", "whole seconds; `epoch_us` keeps the fraction"),
    ("date_trunc('month', DATE '2026-03-15')", "20513", "1772323200000000000", "a DATE stays one"),
    ("date_trunc('hour', DATE '2026-03-15')", "refused: argument-types", "1773532800000000000", _CLOCK),
    ("hour(DATE '2026-03-15')", "refused: argument-types", "0", _CLOCK),
    ("date_diff('hour', DATE '2026-02-01', DATE '2026-02-02')", "refused: argument-types", "24", _CLOCK),
    ("date_diff('day', DATE '2026-02-01', TIMESTAMP '2026-02-02 00:00:00')", "refused: argument-types", "1", _IMPLICIT),
    ("strftime(DATE '2026-01-31', '%H')", "refused: argument-types", "00", _CLOCK),
    ("strftime(DATE '2026-01-05', '%-d')", "refused: argument-types", "5", _PADDED),
    ("strptime('5.1.2026', '%-d.%-m.%Y')", "refused: argument-types", "1767571200000000000", _PADDED),
    (
        "strptime('Monday 31.01.2026', '%A %d.%m.%Y')",
        "fails",
        "1769817600000000000",
        "the day of the week must be the date's",
    ),
    ("strptime('2026', '%Y')", "refused: argument-types", "1767225600000000000", "a format names a whole date"),
    ("make_time(13, 0, 5.5)", "refused: argument-types", "46805500000000", "seconds are whole"),
    ("epoch_ms(0)", "refused: argument-types", "0", "`to_timestamp` makes timestamps"),
    ("day_of_week(DATE '2026-01-04')", "7", "fails", "named isodow"),
    ("CAST('2026-01-31T13:00:00Z' AS TIMESTAMP)", "fails", "1769864400000000000", "a zone is not dropped (S6.19)"),
    (
        "TIMESTAMP '2026-01-31 13:00:00+02:00' = TIMESTAMP '2026-01-31 11:00:00'",
        "refused: operand-types",
        "False",
        "a zone makes a literal an instant (S6.5)",
    ),
]
LISTS: list[tuple[str, str, str, str]] = [
    ("list_sum([9223372036854775807, 1])", "fails", "9223372036854775808", _LIMIT),
    ("len([1, 2][1:2])", "refused: expression-not-supported", "2", "say `list_slice`"),
    ("len([1] || [2])", "refused: operand-types", "2", "`||` is for texts; say `list_concat`"),
    ("list_concat([1], NULL)", "NULL", "[Fraction(1, 1)]", "functions of NULL are NULL (S6.8)"),
    ("list_position([1, NULL], NULL)", "NULL", "2", "functions of NULL are NULL (S6.8)"),
    ("array_to_string([1, 2], ',')", "refused: argument-types", "1,2", _IMPLICIT),
]
DIFFERENCES = [*ARITHMETIC, *LOGIC, *CASTS, *TEXTS, *TIMES, *LISTS]
