//! Codes for contract texts.

codes! { Contract,
    YAML_SYNTAX = "yaml-syntax": "the text is not YAML";
        help "mend the text at the position given"; example "`a: [1`"
    YAML_TAB = "yaml-tab": "a tab indents a line";
        help "indent with spaces"; example "a line that starts with a tab"
    YAML_DUPLICATE_KEY = "yaml-duplicate-key": "a key occurs twice in one mapping";
        help "remove or rename one of them"; example "`{name: a, name: b}`"
    YAML_KEY = "yaml-key": "a key of a mapping is a list or a mapping";
        help "use a name as key"; example "`{[a, b]: 1}`"
    YAML_MERGE_KEY = "yaml-merge-key": "the merge key `<<` is not part of YAML 1.2";
        help "write the merged keys out"; example "`<<: *base`"
    YAML_TAG = "yaml-tag": "a tag has no meaning in a contract";
        help "remove the tag, or quote the value to make it text"; example "`minimum: !!timestamp 2026-01-01`"
    YAML_LIMIT = "yaml-limit": "the text is larger or deeper than the limits allow";
        help "split the contract, and write aliases out where they multiply: 16 MiB, 120 levels and 2,000,000 nodes are read"; example "a list nested 200 levels deep"
    YAML_CONTROL = "yaml-control": "the text holds a control character";
        help "remove the character, or write it as an escape in a double-quoted text"; example "a NUL character"
    YAML_BOM = "yaml-bom": "the text holds a byte order mark";
        help "save the file as UTF-8 without a byte order mark"; example "U+FEFF before the first key"
    YAML_DOCUMENTS = "yaml-documents": "the text holds more than one document";
        help "keep one contract in a file"; example "two documents parted by `---`"
    YAML_EMPTY = "yaml-empty": "the text holds no document";
        help "start with `apiVersion: v3.1.0` and `kind: DataContract`"; example "a file of comments"
    ROOT_NOT_MAPPING = "root-not-mapping": "the document is not a mapping";
        help "start with `apiVersion: v3.1.0` and `kind: DataContract`"; example "`- a`"
    VERSION_UNSUPPORTED = "version-unsupported": "this version of the standard is not read";
        help "use `apiVersion: v3.1.0`; v3.0, v3.1 and v3.2 are read"; example "`apiVersion: v2.2.2`"
    VARIABLE_UNRESOLVED = "variable-unresolved": "a variable has neither a value nor a default";
        help "pass the variable, or write a default: `${NAME:-default}`"; example "`id: ${CONTRACT_ID}` without that variable"
    FINDINGS_LIMIT = "findings-limit": "there are more findings than are listed";
        help "mend those listed and look again"; example "a contract with 2,000 unknown keys"
    KEY_UNKNOWN = "key-unknown": "a key is not one of the standard's, so it has no effect";
        help "correct the key, or move its content to `customProperties`"; example "`requird: true`"
    KEY_MISSING = "key-missing": "a key that the standard requires is missing";
        help "add the key"; example "a contract without `id`"
    KEY_NEWER = "key-newer": "a key belongs to a later version of the standard than the document declares";
        help "raise `apiVersion` to `v3.2.0`"; example "`enum` under `apiVersion: v3.1.0`"
    KEY_DEPRECATED = "key-deprecated": "a key is deprecated by the standard";
        help "use the key that replaces it"; example "`rule: nullValues`"
    KIND_MISMATCH = "kind-mismatch": "a list, mapping, text, number or boolean stands where another is expected";
        help "write the value in the kind that the standard asks for"; example "`properties: {a: 1}`"
    TEXT_EXPECTED = "text-expected": "a number or boolean stands where text is expected; it is read as written";
        help "put it in quotes"; example "`version: 1.0`"
    VALUE_EMPTY = "value-empty": "a key has no value, so it counts as absent";
        help "give it a value, or remove the key"; example "`description:`"
    VALUE_UNKNOWN = "value-unknown": "a value is not one of those that the standard names";
        help "use one of the standard's values"; example "`logicalType: decimal`"
    NUMBER_OUT_OF_RANGE = "number-out-of-range": "a number of the contract is too small or too large for its key";
        help "use a number in the range given"; example "`minLength: -1`"
    NAME_DUPLICATE = "name-duplicate": "two elements of one list have the same name or id";
        help "rename or remove one of them"; example "two properties called `tailnum`"
    PATTERN_BROKEN = "pattern-broken": "a pattern does not compile";
        help "correct the pattern; look-around and back references are not available, since they take more than linear time"; example "`pattern: \"[a-z\"`"
    PATTERN_UNANCHORED = "pattern-unanchored": "a pattern is found anywhere in a text, since it does not say `^` and `$`";
        help "write `^` in front and `$` behind to match whole texts"; example "`pattern: ACC[0-9]{8}`"
    BOUNDS_SWAPPED = "bounds-swapped": "no value lies between two bounds";
        help "swap the bounds"; example "`minimum: 10`, `maximum: 1`"
    BOUND_BOOLEAN = "bound-boolean": "an exclusive bound is a boolean, as in older JSON Schema drafts";
        help "write the bound itself: `exclusiveMinimum: 0` in place of `minimum: 0` and `exclusiveMinimum: true`"; example "`exclusiveMinimum: true`"
    MULTIPLE_OF_FRACTION = "multiple-of-fraction": "few doubles are an exact multiple of a decimal fraction";
        help "use a decimal column, or `multipleOf` on the number of cents"; example "`logicalType: number`, `multipleOf: 0.1`"
    DECIMAL_INEXACT = "decimal-inexact": "the physicalType is a decimal whose digits cannot all be kept";
        help "write `decimal(p, s)` with at most 38 digits, or `logicalType: string` where there are more"; example "`logicalType: number`, `physicalType: decimal(39, 1)`"
    PROPERTIES_UNDECLARED = "properties-undeclared": "an object declares no properties, so that its members are not checked";
        help "list the members under `properties`, or leave it as it is if any object will do"; example "`logicalType: object` alone"
    OPTIONS_WITHOUT_TYPE = "options-without-type": "logicalTypeOptions stand without a logicalType";
        help "add `logicalType`"; example "`logicalTypeOptions: {minLength: 1}` alone"
    KEY_POSITION = "key-position": "the positions of a primary key are not 1, 2, 3 …";
        help "number the properties of the primary key from 1 without gaps"; example "two properties with `primaryKeyPosition: 1`"
    ENUM_EMPTY = "enum-empty": "an enum has no values, so nothing can pass";
        help "list the allowed values, or remove `enum`"; example "`enum: []`"
    ENUM_DUPLICATE = "enum-duplicate": "an enum lists a value twice";
        help "remove one of them"; example "`enum: [{value: a}, {value: a}]`"
    ENUM_TYPE = "enum-type": "a value of an enum is not of the declared logical type, so no data can equal it";
        help "write the value in the property's type"; example "`logicalType: integer`, `enum: [{value: a}]`"
    QUALITY_TYPE_MISSING = "quality-type-missing": "a quality rule names neither `type` nor `metric`; it is taken for the type that its keys suggest";
        help "write `type: library`, `sql`, `custom` or `text`"; example "`quality: [{description: no gaps}]`"
    METRIC_LEVEL = "metric-level": "a metric stands on a level that it cannot count";
        help "put `rowCount` on the object, the other metrics on a property; `duplicateValues` on an object needs `arguments.properties`"; example "`metric: rowCount` on a property"
    ARGUMENT_UNKNOWN = "argument-unknown": "an argument is not one of the metric's, so it has no effect";
        help "correct or remove the argument"; example "`metric: nullValues`, `arguments: {validValues: [a]}`"
    ARGUMENT_MISSING = "argument-missing": "a metric lacks the arguments that it counts by";
        help "add `arguments.validValues` or `arguments.pattern`"; example "`metric: invalidValues` without arguments"
    OPERAND_KIND = "operand-kind": "an operator has operands of the wrong kind or number";
        help "give one number, or two for `mustBeBetween` and `mustNotBeBetween`"; example "`mustBeLessThan: few`"
    RULE_NEVER_FAILS = "rule-never-fails": "a rule holds for every table, or for every record";
        help "correct the threshold or the condition"; example "`mustBeGreaterOrEqualTo: 0` on a count"
    RULE_NEVER_PASSES = "rule-never-passes": "a rule holds for no table, or for no record";
        help "correct the threshold or the condition"; example "`mustBeLessThan: 0` on a count"
    UNIT_MISPLACED = "unit-misplaced": "the unit does not suit the metric";
        help "remove `unit`"; example "`metric: rowCount`, `unit: percent`"
    SEVERITY_UNKNOWN = "severity-unknown": "a severity is none of error, warning and info; it counts as error";
        help "write `error`, `warning` or `info`"; example "`severity: fatal`"
    REFERENCE_SYNTAX = "reference-syntax": "a reference is written in no form of the standard";
        help "write `object.property` or `schema/<id>/properties/<id>`"; example "`to: tailnum`"
    REFERENCE_DANGLING = "reference-dangling": "a reference names nothing in this document";
        help "correct the name, or declare the object or property"; example "`to: planes.tail` without such a property"
    REFERENCE_UNEQUAL = "reference-unequal": "the two sides of a foreign key do not have the same number of columns";
        help "list as many columns in `to` as in `from`"; example "`from: [a.x, a.y]`, `to: [b.x]`"
    REFERENCE_MIXED = "reference-mixed": "one side of a foreign key names columns of different objects";
        help "name columns of one object on each side; `from` belongs to the object that holds the relationship"; example "`to: [planes.a, airlines.b]`"
    REFERENCE_FROM = "reference-from": "a foreign key of a property states `from`";
        help "remove `from`, which is the property itself, or move the relationship to the object"; example "`relationships` of a property with `from`"
    SLA_VALUE = "sla-value": "the value of a service level is not a number above zero";
        help "write a number, and its unit in `unit`"; example "`property: freshness`, `value: daily`"
}
