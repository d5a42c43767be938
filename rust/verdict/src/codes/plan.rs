//! Codes for clauses that could not be executed or decided.

codes! { Plan,
    ENGINE_UNKNOWN = "engine-unknown": "a custom rule names an engine that guard_nb does not run";
        help "run the rule where that engine runs, or lower its severity so that it does not decide here"; example "`type: custom`, `engine: soda`"
    METRIC_UNKNOWN = "metric-unknown": "a quality rule names no metric of the standard";
        help "use nullValues, missingValues, invalidValues, duplicateValues or rowCount"; example "`metric: stdDev`"
    OPERATOR_MISSING = "operator-missing": "a quality rule has no operator, or more than one";
        help "give exactly one operator such as `mustBe: 0`"; example "`metric: nullValues` alone"
    REFERENCE_MISSING = "reference-missing": "the frame that a foreign key refers to was not given";
        help "pass it: `references={\"planes\": planes}`"; example "`to: planes.tailnum` without `references`"
    REFERENCE_COLUMN_MISSING = "reference-column-missing": "the referenced frame lacks the column that a foreign key names";
        help "pass the right frame, or correct `to`"; example "`to: planes.tail`"
    REFERENCE_EXTERNAL = "reference-external": "a foreign key refers into another document";
        help "pass the referenced frame under its object's name and refer to it by that name"; example "`to: other.odcs.yaml#/schema/a/properties/b`"
    AS_OF_MISSING = "as-of-missing": "a service level needs a stated time to be judged against";
        help "pass `as_of=`, an instant; guard_nb never reads the clock"; example "`freshness` without `as_of`"
    NO_VALUES = "no-values": "there are no values to judge";
        help "check a frame that has values in this column"; example "`freshness` over an empty column"
    UNIT_AMBIGUOUS = "unit-ambiguous": "the unit has more than one meaning";
        help "write `minutes` or `months` in place of `m`"; example "`unit: m`"
    UNIT_UNKNOWN = "unit-unknown": "the unit is not known";
        help "use ms, s, min, h, d, w, mo or y, or percent and rows for metrics"; example "`unit: fortnight`"
    ELEMENT_UNKNOWN = "element-unknown": "a service level names no column of this object";
        help "set `element` to object.column"; example "`property: freshness` without `element`"
    BOUND_ZONE_MISMATCH = "bound-zone-mismatch": "a bound and the column disagree on having a time zone";
        help "write the bound with a zone (`2026-01-01T00:00:00Z`) for a zoned column, without one otherwise"; example "zoned column, `minimum: 2026-01-01T00:00:00`"
    BOUND_UNREADABLE = "bound-unreadable": "a bound or value of the contract cannot be read as the column's type";
        help "write it in the column's type"; example "`minimum: abc` on an integer"
    FORMAT_UNKNOWN = "format-unknown": "the format is not one that guard_nb checks";
        help "use a `pattern`, or a format of the standard"; example "`format: iban`"
    COLUMN_AMBIGUOUS = "column-ambiguous": "two columns of the frame have the same name";
        help "rename one of them"; example "columns `id`, `id`"
    LAYOUT_NOT_SUPPORTED = "layout-not-supported": "the Arrow layout of the column is not supported for this clause";
        help "cast the column before the guard"; example "run-end encoded column with `uniqueItems`"
    OPTION_MISPLACED = "option-misplaced": "the option does not apply to this logical type";
        help "move it to a property of the right type"; example "`minLength` on an integer"
    RECORDS_MISSING = "records-missing": "the merged parts leave a hole in the records of a source";
        help "merge the missing part too, and give each part its `start`"; example "parts [0, 10) and [20, 30)"
    SEVERITY_OF_PARENT = "parent-refused": "a clause that this one depends on was refused";
        help "see the clause named in the reason"; example "metric on a column of the wrong type"
}
