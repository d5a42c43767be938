//! Codes for expressions: their texts, and the records that they fail on.

codes! { Expression,
    SYNTAX = "expression-syntax": "the text is no expression";
        help "mend the text at the position given; one expression is read, to its end"; example "`qty >`"
    NOT_SUPPORTED = "expression-not-supported": "the text uses SQL that sees more than one record, the clock, or a vendor's own operator";
        help "say it with the operators and functions of the reference; bind `:as_of` for the time"; example "`qty > (SELECT 1)`"
    COMMENT = "expression-comment": "the text holds a comment";
        help "take it out: a reader could take the text behind it for part of the rule"; example "`qty > 0 -- AND total > 0`"
    TOO_LARGE = "expression-too-large": "the expression is longer, deeper or wider than the limits allow";
        help "split it into several rules; 64 KiB, 64 levels, 2,000 operators, 40,000 parts and 10,000 members of IN are read"; example "100 nested parentheses"
    LITERAL = "literal-unreadable": "a literal cannot be read";
        help "write texts in single quotes, `DATE '2026-01-31'`, `INTERVAL '1 day'`"; example "`DATE '31.01.2026'`"
    COLUMN_UNKNOWN = "column-unknown": "an expression names a column or field that is not there";
        help "correct the name; names with other signs than letters, digits and `_` stand in double quotes"; example "`amuont > 0`"
    COLUMN_TYPE = "column-type": "an expression reads a column whose Arrow type has no counterpart";
        help "cast the column before the guard"; example "a 256-bit decimal column"
    OPERAND_TYPES = "operand-types": "an operator is applied to types that do not go together";
        help "bring them to one type with CAST"; example "`order_id + 'a'`"
    FUNCTION_UNKNOWN = "function-unknown": "an expression calls a function that does not exist";
        help "see the reference of expressions"; example "`lenght(name)`"
    ARGUMENT_COUNT = "argument-count": "a function is called with too few or too many arguments";
        help "see its signature in the reference of expressions"; example "`abs(1, 2)`"
    ARGUMENT_TYPES = "argument-types": "a function is called with an argument of a type that it does not take";
        help "bring the argument to the type with CAST"; example "`upper(qty)`"
    PARAMETER_UNBOUND = "parameter-unbound": "an expression uses a parameter without a value";
        help "bind it: `params={\"limit\": 5}`"; example "`qty < :limit`"
    CAST_TYPE = "cast-type": "there is no such cast";
        help "cast to a type of the reference; say CASE for truth values, AT TIME ZONE for zones"; example "`CAST(x AS JSON)`"
    ITEM_NAME = "item-name": "an item of a SELECT list has no name, or one that another has";
        help "write `expression AS name`"; example "`SELECT qty * amount FROM input`"
    RULE_MALFORMED = "rule-malformed": "the implementation of a row rule is not an expression with its options";
        help "write `implementation: {rule: <expression>, onNull: pass}`"; example "`implementation: {sql: x}`"
    SQL_NOT_A_ROW_RULE = "sql-not-a-row-rule": "the SQL judges more than single records";
        help "write `SELECT COUNT(*) FROM {object} WHERE <what is wrong>` with `mustBe: 0`, or run the rule where its engine runs"; example "`SELECT AVG(x) FROM {object}`"
    RULE_VIOLATED = "rule-violated": "a record does not satisfy a row rule";
        help "correct the record, or change the rule"; example "`total = qty * amount`, total 9, qty 2, amount 5"
    ARITHMETIC_OVERFLOW = "arithmetic-overflow": "a result needs more than 64 bits or 38 digits";
        help "cast an operand to DECIMAL or DOUBLE, or bound the columns in the contract"; example "`9223372036854775807 + x`, x = 1"
    DIVISION_BY_ZERO = "division-by-zero": "a divisor is zero";
        help "write `a / NULLIF(b, 0)`"; example "`a / b`, b = 0"
    RESULT_NOT_FINITE = "result-not-finite": "NaN was compared or computed with, or a DOUBLE overflowed";
        help "test with `is_finite(x)` in a CASE first"; example "`x > 0`, x = NaN"
    CAST_FAILED = "cast-failed": "a value has no counterpart in the type that it is cast to";
        help "write TRY_CAST to get NULL"; example "`CAST(x AS BIGINT)`, x = 'abc'"
    ARGUMENT_OUT_OF_RANGE = "argument-out-of-range": "an argument lies outside of what a function is defined on";
        help "test the argument in a CASE first"; example "`sqrt(x)`, x = -1"
    TEMPORAL_OUT_OF_RANGE = "temporal-out-of-range": "a date or time lies outside of the years -9999 to 9999, or of what its unit holds";
        help "correct the record, or bound the column in the contract"; example "`d + INTERVAL '1 year'`, d in the year 9999"
    RESULT_TOO_LARGE = "result-too-large": "a text or list would become longer than 1 MiB or 1,048,576 items";
        help "bound the lengths before"; example "`repeat(x, 1000000)`"
}
