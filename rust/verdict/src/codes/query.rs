//! Codes for queries that the query gate does not let through, and for its policies.

codes! { Query,
    POLICY = "query-policy": "a policy for queries cannot be used";
        help "correct the element named; nothing is allowed by a policy that is not understood"; example "`functions: [pg_sleep]`"
    TOO_LARGE = "query-too-large": "the query has more bytes, operators, joins or subqueries than the policy allows";
        help "ask for less at once"; example "a query of 1 MB"
    TOO_DEEP = "query-too-deep": "the query nests deeper than the policy allows";
        help "name the inner queries with WITH"; example "100 nested parentheses"
    SYNTAX = "query-syntax": "the text is no query";
        help "mend the text at the position given"; example "`SELECT FROM`"
    COMMENT = "query-comment": "the query holds a comment";
        help "take it out: engines differ in where a comment ends"; example "`SELECT id /*! , secret */ FROM orders`"
    LITERAL = "query-literal": "a literal is written in a form that engines read differently";
        help "write texts in plain single quotes, or bind them as parameters"; example "`$$text$$`, `E'\\x41'`, `U&'\\0041'`"
    STATEMENT = "query-statement": "the statement is no SELECT, or changes data";
        help "write one SELECT, with WITH before it where it helps"; example "`COPY orders TO 'file'`"
    STATEMENTS = "query-statements": "there is more than one statement, or a `;`";
        help "write exactly one statement without a `;`"; example "`SELECT 1; DROP TABLE orders`"
    CLAUSE = "query-clause": "a clause is not part of what queries may say";
        help "take the clause out"; example "`SELECT id FROM orders FOR UPDATE`"
    RECURSIVE = "query-recursive": "a WITH is recursive, and nothing bounds what it computes";
        help "write it without RECURSIVE"; example "`WITH RECURSIVE t AS (…)`"
    RELATION_UNKNOWN = "query-relation-unknown": "a relation is not one of the policy's";
        help "read the relations that the policy lists, under the names that it gives them"; example "`SELECT * FROM pg_catalog.pg_user`"
    TABLE_FUNCTION = "query-table-function": "a function stands where a relation is expected";
        help "read the relations that the policy lists"; example "`SELECT * FROM read_csv('/etc/passwd')`"
    COLUMN_UNKNOWN = "query-column-unknown": "a column is not one of those that the policy shows";
        help "read the columns that the policy lists"; example "`SELECT password FROM users`"
    COLUMN_AMBIGUOUS = "query-column-ambiguous": "a column's name stands for several";
        help "put the table's name before it"; example "`SELECT id FROM a JOIN b ON a.id = b.id`"
    FUNCTION_UNKNOWN = "query-function-unknown": "a function is not one of the policy's";
        help "use the functions that the policy lists"; example "`SELECT pg_read_file('x')`"
    FUNCTION_USE = "query-function-use": "a function is called in a form that it does not have here";
        help "call it with plain arguments"; example "`lower(DISTINCT country)`"
    TYPE = "query-type": "a type is not one that queries may cast to";
        help "cast to a number, text, truth value, date or time"; example "`'orders'::regclass`"
    OPERATOR = "query-operator": "an operator is not one that queries may use";
        help "use arithmetic, comparisons, `||`, AND, OR and NOT"; example "`a ~ b`"
    EXPRESSION = "query-expression": "an expression has a form that queries may not use";
        help "say it with columns, operators, CASE, CAST and the policy's functions"; example "`x -> x + 1`"
    NAME = "query-name": "a name is written in a way that engines read differently, or is given twice";
        help "use letters, digits and `_`, or double quotes around up to 63 bytes; name each thing once"; example "`FROM orders o, items o`"
    PARAMETER = "query-parameter": "a parameter has no value, or is not written `:name`";
        help "write `:name` and bind a value to it"; example "`id = ?`"
    PARAMETER_RESERVED = "query-parameter-reserved": "a parameter belongs to the gate";
        help "leave it out; the gate binds it and puts its condition in"; example "`tenant` among the proposal's parameters"
    LIMIT = "query-limit": "a LIMIT or OFFSET is no whole number";
        help "write digits, or a parameter bound to a whole number"; example "`LIMIT (SELECT 5)`"
    RENDER = "query-render": "the query cannot be written so that it reads back the same";
        help "write it more plainly, and bind odd texts as parameters"; example "`DATE '2026-01-01'''''`"
    CONTEXT = "query-context": "the context given to a gate is not what its `queries` ask for";
        help "give a text, number or truth value for each name of `context`, and no other"; example "`gate.with_context(tennant=4)`"
    UNRUNNABLE = "query-unrunnable": "an approved query or transform cannot be run here";
        help "see the message for what is missing"; example "`gate.run(decision, frames)` without duckdb"
    TRANSFORM_COLUMN_UNKNOWN = "transform-column-unknown": "an item of a transform is no column of its output contract";
        help "leave the item out, or name it as the contract does"; example "`SELECT id, secret FROM input`"
    TRANSFORM_COLUMN_MISSING = "transform-column-missing": "a column of the output contract is no item of the transform";
        help "add an item of this name"; example "`SELECT id FROM input` where `total` is due too"
    TRANSFORM_TYPE = "transform-type": "an item of a transform has a type that its output contract does not take";
        help "CAST the item"; example "`'x' AS total` where a number is due"
    TRANSFORM_NULL = "transform-null": "an item of a transform can be NULL where its output contract requires a value";
        help "say what stands for NULL: `COALESCE(item, …)`, or leave such records out by WHERE"; example "`a / b AS ratio` where `b` can be NULL"
}
