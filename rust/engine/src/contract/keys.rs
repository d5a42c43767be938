//! The keys of the standard: their kinds, and the version that introduced them.

/// What stands under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Whole,
    /// Any scalar, null too.
    Scalar,
    /// A list.
    List,
    /// A mapping.
    Map,
    /// Text or a mapping.
    TextOrMap,
    /// Text or a list.
    TextOrList,
    /// A list or a mapping.
    ListOrMap,
    /// Anything.
    Any,
}

/// One key of a mapping.
#[derive(Debug)]
pub(crate) struct Key {
    /// As written.
    pub name: &'static str,
    /// What stands under it.
    pub shape: Shape,
    /// Minor version of the standard that introduced it.
    pub since: u32,
}

const fn key(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, since: 0 }
}

const fn key_3_1(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, since: 1 }
}

const fn key_3_2(name: &'static str, shape: Shape) -> Key {
    Key { name, shape, since: 2 }
}

use Shape::{Any, Flag, List, ListOrMap, Map, Scalar, Text, TextOrList, TextOrMap, Whole};

pub(crate) const ROOT: &[Key] = &[
    key("apiVersion", Text),
    key("kind", Text),
    key("id", Text),
    key("version", Text),
    key("status", Text),
    key("name", Text),
    key("tenant", Text),
    key("tags", List),
    key("servers", List),
    key("dataProduct", Text),
    key("description", TextOrMap),
    key("domain", Text),
    key("schema", List),
    key("support", List),
    key("price", Map),
    key("team", ListOrMap),
    key("roles", List),
    key("slaDefaultElement", Text),
    key("slaProperties", List),
    key("authoritativeDefinitions", List),
    key("customProperties", List),
    key("contractCreatedTs", Text),
    key_3_2("context", TextOrMap),
];

pub(crate) const OBJECT: &[Key] = &[
    key_3_1("id", Text),
    key("name", Text),
    key("physicalName", Text),
    key("physicalType", Text),
    key("description", Text),
    key("businessName", Text),
    key("authoritativeDefinitions", List),
    key("tags", List),
    key("customProperties", List),
    key("logicalType", Text),
    key("dataGranularityDescription", Text),
    key("properties", List),
    key("quality", List),
    key_3_1("relationships", List),
    key_3_2("synonyms", List),
    key_3_2("deprecated", Any),
    key_3_2("context", TextOrMap),
];

pub(crate) const PROPERTY: &[Key] = &[
    key_3_1("id", Text),
    key("name", Text),
    key("physicalName", Text),
    key("physicalType", Text),
    key("description", Text),
    key("businessName", Text),
    key("authoritativeDefinitions", List),
    key("tags", List),
    key("customProperties", List),
    key("logicalType", Text),
    key("logicalTypeOptions", Map),
    key("required", Flag),
    key("unique", Flag),
    key("primaryKey", Flag),
    key("primaryKeyPosition", Whole),
    key("partitioned", Flag),
    key("partitionKeyPosition", Whole),
    key("classification", Text),
    key("encryptedName", Text),
    key("transformSourceObjects", List),
    key("transformLogic", Text),
    key("transformDescription", Text),
    key("examples", List),
    key("criticalDataElement", Flag),
    key("properties", List),
    key("items", Map),
    key("quality", List),
    key_3_1("relationships", List),
    key_3_2("enum", List),
    key_3_2("map", Map),
    key_3_2("semanticType", Text),
    key_3_2("synonyms", List),
    key_3_2("deprecated", Any),
    key_3_2("context", TextOrMap),
];

pub(crate) const MAP: &[Key] = &[key("key", Map), key("value", Map)];

pub(crate) const OPTIONS: &[Key] = &[
    key("minLength", Whole),
    key("maxLength", Whole),
    key("pattern", Text),
    key("format", Text),
    key("minimum", Scalar),
    key("maximum", Scalar),
    key("exclusiveMinimum", Scalar),
    key("exclusiveMaximum", Scalar),
    key("multipleOf", Scalar),
    key_3_1("timezone", Flag),
    key_3_1("defaultTimezone", Text),
    key("minItems", Whole),
    key("maxItems", Whole),
    key("uniqueItems", Flag),
    key("minProperties", Whole),
    key("maxProperties", Whole),
    key("required", List),
    key_3_2("dimensions", Whole),
    key_3_2("elementType", Text),
    key_3_2("distanceMetric", Text),
    key_3_2("normalized", Flag),
    key_3_2("embeddingModel", Text),
    key_3_2("embeddingModelVersion", Text),
];

pub(crate) const ENUM_VALUE: &[Key] = &[
    key("value", Scalar),
    key("label", Text),
    key("id", Text),
    key("description", Text),
    key("customProperties", List),
    key("authoritativeDefinitions", List),
    key("tags", List),
    key("deprecated", Any),
    key("synonyms", List),
];

pub(crate) const QUALITY: &[Key] = &[
    key_3_1("id", Text),
    key("name", Text),
    key("description", Text),
    key("type", Text),
    key_3_1("metric", Text),
    key("rule", Text),
    key_3_1("arguments", Map),
    key("query", Text),
    key("engine", Text),
    key("implementation", TextOrMap),
    key("dimension", Text),
    key("method", Text),
    key("severity", Text),
    key("businessImpact", Text),
    key("unit", Text),
    key("tags", List),
    key("schedule", Text),
    key("scheduler", Text),
    key("customProperties", List),
    key("authoritativeDefinitions", List),
    key("mustBe", Any),
    key("mustNotBe", Any),
    key("mustBeGreaterThan", Any),
    key("mustBeGreaterOrEqualTo", Any),
    key("mustBeLessThan", Any),
    key("mustBeLessOrEqualTo", Any),
    key("mustBeBetween", Any),
    key("mustNotBeBetween", Any),
];

/// The operators, in the order in which they are listed in a rule.
pub(crate) const OPERATORS: &[&str] = &[
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
];

pub(crate) const ARGUMENTS: &[Key] =
    &[key("validValues", List), key("missingValues", List), key("pattern", Text), key("properties", List)];

pub(crate) const RELATIONSHIP: &[Key] = &[
    key_3_2("id", Text),
    key("type", Text),
    key("from", TextOrList),
    key("to", TextOrList),
    key("description", Text),
    key("customProperties", List),
];

pub(crate) const SLA: &[Key] = &[
    key_3_1("id", Text),
    key("property", Text),
    key("value", Scalar),
    key("valueExt", Scalar),
    key("unit", Text),
    key("element", Text),
    key("driver", Text),
    key_3_1("description", Text),
    key_3_1("scheduler", Text),
    key_3_1("schedule", Text),
    key_3_2("customProperties", List),
];

pub(crate) const CUSTOM: &[Key] = &[
    key_3_1("id", Text),
    key("property", Text),
    key("value", Any),
    key_3_1("description", Text),
    key_3_2("vendor", Text),
];
