//! Codes for values, rows and keys that violate a clause.

codes! { Data,
    COLUMN_MISSING = "column-missing": "the frame has no column for a declared property";
        help "rename the column, or give the property the column's name as `physicalName`"; example "property `tailnum`, frame with `tail_num`"
    COLUMN_UNDECLARED = "column-undeclared": "the frame has a column that the contract does not declare and does not allow";
        help "declare the column, or set the object's customProperty `undeclaredColumns` to `keep` or `drop`"; example "`undeclaredColumns: deny`, frame with an extra `note`"
    TYPE_MISMATCH = "type-mismatch": "a value, or a whole column, is not of the declared logical type";
        help "convert it before the guard, or declare the type that the data has"; example "`logicalType: integer`, column of strings"
    VALUE_NOT_FINITE = "value-not-finite": "a number is NaN or infinite";
        help "replace it by null, or set the property's customProperty `allowNonFinite` to true"; example "`logicalType: number`, value NaN"
    VALUE_MISSING = "value-missing": "a value that must be there is null or counts as missing";
        help "fill or remove the record, or drop `required` if the value may be absent"; example "`required: true`, value null"
    VALUE_DUPLICATE = "value-duplicate": "a key occurs in more than one record";
        help "remove all but one of the records, or widen the key"; example "`unique: true`, values 7, 7"
    VALUE_NOT_IN_SET = "value-not-in-set": "a value is not one of the allowed values";
        help "correct the value, or add it to the set"; example "`enum: [{value: EUR}]`, value USD"
    VALUE_INVALID = "value-invalid": "a value is not one of the valid values or does not match the pattern of the metric";
        help "correct the value, or extend `arguments`"; example "`metric: invalidValues`, `validValues: [a]`, value b"
    VALUE_OUT_OF_RANGE = "value-out-of-range": "a value lies outside a bound";
        help "correct the value, or move the bound"; example "`minimum: 0`, value -1"
    NOT_A_MULTIPLE = "not-a-multiple": "a number is not a multiple of `multipleOf`";
        help "round the value, or change `multipleOf`"; example "`multipleOf: 5`, value 7"
    LENGTH_OUT_OF_RANGE = "length-out-of-range": "a text is shorter or longer than allowed";
        help "correct the value, or change the bound; length counts Unicode scalar values"; example "`maxLength: 3`, value `LGA1`"
    PATTERN_MISMATCH = "pattern-mismatch": "a text does not match the pattern";
        help "correct the value, or change `pattern`"; example "`pattern: ^N`, value `D-ABCD`"
    FORMAT_MISMATCH = "format-mismatch": "a value does not have the declared format";
        help "correct the value, or drop `format`"; example "`format: uuid`, value `12`"
    TIMEZONE_MISMATCH = "timezone-mismatch": "a timestamp column has a zone where none is declared, or none where one is";
        help "convert the column, or change `timezone`"; example "`timezone: true`, naive timestamps"
    ITEMS_OUT_OF_RANGE = "items-out-of-range": "a list has fewer or more items than allowed";
        help "correct the list, or change the bound"; example "`minItems: 1`, value []"
    ITEMS_DUPLICATE = "items-duplicate": "a list holds the same item twice";
        help "remove the second item, or drop `uniqueItems`"; example "`uniqueItems: true`, value [1, 1]"
    PROPERTIES_OUT_OF_RANGE = "properties-out-of-range": "an object has fewer or more properties than allowed";
        help "correct the object, or change the bound"; example "`minProperties: 2`, value {a: 1}"
    PROPERTY_MISSING = "property-missing": "an object lacks a property that it must have";
        help "add the property, or take its name out of `required`"; example "`required: [street]`, value {city: Bonn}"
    REFERENCE_UNKNOWN = "reference-unknown": "a key does not occur in the referenced frame";
        help "add the missing row to the referenced frame, or correct the key"; example "`to: planes.tailnum`, value N3ALAA"
    METRIC_OUT_OF_RANGE = "metric-out-of-range": "a count or share over the whole table is outside its threshold";
        help "look at the flagged records, or change the threshold"; example "`metric: rowCount`, `mustBeGreaterThan: 0`, empty frame"
    TOO_OLD = "too-old": "the data are older than the service level allows";
        help "load newer data, or change the service level"; example "`freshness` 1 d, newest value two days before `as_of`"
}
