//! The typed model of an ODCS document. Numbers keep the digits that were written.

use guard_verdict::{Diagnostic, Span};
use std::ops::Deref;

/// A value and the place where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A scalar of YAML 1.2's core schema; numbers as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The digits of an integer or decimal number, as written (`1250.00`, `1e3`).
    Number(String),
    /// Everything else.
    Text(String),
}

/// A contract that loaded: everything in it has a meaning or was reported.
#[derive(Debug, Clone)]
pub struct Contract {
    /// `id`.
    pub id: String,
    /// `version`; empty when absent.
    pub version: String,
    /// `name`, if any.
    pub name: Option<String>,
    /// `apiVersion`, such as `v3.1.0`.
    pub api_version: String,
    /// `schema`.
    pub objects: Vec<SchemaObject>,
    /// `slaProperties`.
    pub sla: Vec<Sla>,
    /// Warnings and infos; errors keep a contract from loading.
    pub diagnostics: Vec<Diagnostic>,
    /// Digest of the canonical form.
    pub digest: String,
    /// The text it was read from, byte for byte.
    pub text: String,
    /// The canonical form: RFC 8785 JSON with variables resolved.
    pub canonical: String,
}

/// One entry of `schema`.
#[derive(Debug, Clone)]
pub struct SchemaObject {
    /// `id`, if any.
    pub id: Option<String>,
    /// `name`.
    pub name: String,
    /// `physicalName`, if any.
    pub physical_name: Option<String>,
    /// `properties`.
    pub properties: Vec<Property>,
    /// `quality`.
    pub quality: Vec<Quality>,
    /// `relationships`.
    pub relationships: Vec<Relationship>,
    /// `customProperties`.
    pub custom: Vec<Custom>,
    /// Its place.
    pub span: Span,
}

/// `logicalType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the standard's")]
pub enum LogicalType {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    Timestamp,
    Time,
    Array,
    Object,
    Map,
    Vector,
}

impl LogicalType {
    /// The standard's name.
    pub fn name(self) -> &'static str {
        match self {
            LogicalType::String => "string",
            LogicalType::Integer => "integer",
            LogicalType::Number => "number",
            LogicalType::Boolean => "boolean",
            LogicalType::Date => "date",
            LogicalType::Timestamp => "timestamp",
            LogicalType::Time => "time",
            LogicalType::Array => "array",
            LogicalType::Object => "object",
            LogicalType::Map => "map",
            LogicalType::Vector => "vector",
        }
    }
}

/// One entry of `properties`, or `items`.
#[derive(Debug, Clone)]
pub struct Property {
    /// `id`, if any.
    pub id: Option<String>,
    /// `name`; empty for `items`.
    pub name: String,
    /// `physicalName`, if any.
    pub physical_name: Option<String>,
    /// `physicalType`, if any.
    pub physical_type: Option<String>,
    /// `logicalType`, if any.
    pub logical_type: Option<Spanned<LogicalType>>,
    /// `logicalTypeOptions`, in the order of [`TypeOption`].
    pub options: Vec<Spanned<TypeOption>>,
    /// `required`, where written.
    pub required: Option<Spanned<bool>>,
    /// `unique`, where written.
    pub unique: Option<Spanned<bool>>,
    /// `primaryKey`, where written.
    pub primary_key: Option<Spanned<bool>>,
    /// `primaryKeyPosition`, where written and not negative.
    pub primary_key_position: Option<u32>,
    /// `classification`, where written.
    pub classification: Option<String>,
    /// `enum`: the `value` of each entry (ODCS 3.2).
    pub enum_values: Option<Spanned<Vec<Scalar>>>,
    /// `properties` of an object.
    pub properties: Vec<Property>,
    /// `items` of an array.
    pub items: Option<Box<Property>>,
    /// `map.key` and `map.value` (ODCS 3.2).
    pub map: Option<Box<(Property, Property)>>,
    /// `quality`.
    pub quality: Vec<Quality>,
    /// `relationships`.
    pub relationships: Vec<Relationship>,
    /// `customProperties`.
    pub custom: Vec<Custom>,
    /// Its place.
    pub span: Span,
}

/// One of `logicalTypeOptions`. The order of the variants is the order of the clauses (S5).
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the names are the standard's")]
pub enum TypeOption {
    MinLength(u64),
    MaxLength(u64),
    /// A pattern that compiled.
    Pattern(String),
    Format(String),
    /// A number, date, timestamp or time as written.
    Minimum(Scalar),
    Maximum(Scalar),
    ExclusiveMinimum(Scalar),
    ExclusiveMaximum(Scalar),
    /// A number above 0 as written.
    MultipleOf(String),
    Timezone(bool),
    DefaultTimezone(String),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems(bool),
    MinProperties(u64),
    MaxProperties(u64),
    /// Names of properties that must be there and not null.
    Required(Vec<String>),
    /// Length of a vector (ODCS 3.2).
    Dimensions(u64),
}

/// One entry of `quality`.
#[derive(Debug, Clone)]
pub struct Quality {
    /// `id`, if any.
    pub id: Option<String>,
    /// `name`, if any.
    pub name: Option<String>,
    /// `description`, if any.
    pub description: Option<String>,
    /// `dimension`, if any.
    pub dimension: Option<String>,
    /// `severity`, as written.
    pub severity: Option<String>,
    /// What kind of rule, with its content.
    pub kind: QualityKind,
    /// The operators written, usually one.
    pub operators: Vec<Operator>,
    /// `unit`, as written.
    pub unit: Option<String>,
    /// `customProperties`.
    pub custom: Vec<Custom>,
    /// Its place.
    pub span: Span,
}

/// What a quality rule says.
#[derive(Debug, Clone, PartialEq)]
pub enum QualityKind {
    /// `type: library`: a metric (or the deprecated `rule`) with its arguments.
    Library {
        /// Name of the metric as written.
        metric: String,
        /// `arguments.validValues`.
        valid_values: Option<Vec<Scalar>>,
        /// `arguments.missingValues`.
        missing_values: Option<Vec<Scalar>>,
        /// `arguments.pattern`, compiled once to see that it does.
        pattern: Option<String>,
        /// `arguments.properties`.
        properties: Option<Vec<String>>,
    },
    /// `type: sql`.
    Sql {
        /// The query as written.
        query: String,
    },
    /// `type: custom`.
    Custom {
        /// `engine`.
        engine: String,
        /// `implementation` as JSON.
        implementation: serde_json::Value,
    },
    /// `type: text`.
    Text,
}

/// One operator with its operands as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// `mustBe`, `mustNotBe`, `mustBeGreaterThan`, `mustBeGreaterOrEqualTo`, `mustBeLessThan`, `mustBeLessOrEqualTo`,
    /// `mustBeBetween` or `mustNotBeBetween`.
    pub name: String,
    /// One operand, or two for the last two.
    pub operands: Vec<Scalar>,
}

/// A foreign key. References are resolved to names.
#[derive(Debug, Clone, PartialEq)]
pub struct Relationship {
    /// Columns of this object, at least one.
    pub from: Vec<String>,
    /// Name of the schema object referred to.
    pub to_object: String,
    /// Its columns, as many as `from`.
    pub to: Vec<String>,
    /// Set when the reference points into another document.
    pub external: Option<String>,
    /// Its place.
    pub span: Span,
}

/// One entry of `slaProperties`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sla {
    /// `id`, if any.
    pub id: Option<String>,
    /// `property`, such as `freshness`.
    pub property: String,
    /// `value`.
    pub value: Scalar,
    /// `unit`, if any.
    pub unit: Option<String>,
    /// `element`, split at commas; `object.column`, or the document's `slaDefaultElement`.
    pub elements: Vec<String>,
    /// Its place.
    pub span: Span,
}

/// One entry of `customProperties`.
#[derive(Debug, Clone, PartialEq)]
pub struct Custom {
    /// `property`.
    pub property: String,
    /// `vendor`, if any.
    pub vendor: Option<String>,
    /// `value` as JSON; numbers that a double cannot hold are strings.
    pub value: serde_json::Value,
}

impl Contract {
    /// The schema object of this name.
    pub fn object(&self, name: &str) -> Option<&SchemaObject> {
        self.objects.iter().find(|object| object.name == name)
    }
}
