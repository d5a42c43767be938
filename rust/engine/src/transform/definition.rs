//! What a transform is before it meets a frame: text, contracts, parameters.

use super::artefact::{Artefact, ArtefactError, Side};
use super::compile::Transform;
use super::nominal::schema_of;
use super::prove::{Proof, prove};
use crate::contract::{Contract, SchemaObject};
use crate::expr::{Parameters, Problem, Scope};
use crate::plan::{Options, Plan, frame_scope};
use arrow_schema::{Schema, SchemaRef};
use std::sync::Arc;

/// A contract and the name of one of its objects.
#[derive(Clone)]
pub struct Bound {
    /// The contract.
    pub contract: Arc<Contract>,
    /// Name of the object.
    pub object: String,
}

impl Bound {
    /// The object.
    pub fn object(&self) -> Option<&SchemaObject> {
        self.contract.object(&self.object)
    }
}

/// A transform's text with what it is given.
pub struct Definition {
    /// `SELECT … FROM input [WHERE …]`
    pub sql: String,
    /// What its input satisfies.
    pub input: Option<Bound>,
    /// What its output must satisfy.
    pub output: Option<Bound>,
    /// What the text may call its input besides `input` and the object's names.
    pub table: Option<String>,
    /// Schema of the input where no contract describes it.
    pub schema: Option<SchemaRef>,
    /// Bound values.
    pub parameters: Parameters,
}

impl Definition {
    /// The input's schema before any frame: given, or as the contract describes it.
    pub fn nominal(&self) -> SchemaRef {
        let described = || self.input.as_ref().and_then(Bound::object).map(|object| Arc::new(schema_of(object)));
        self.schema.clone().or_else(described).unwrap_or_else(|| Arc::new(Schema::empty()))
    }

    /// Compiles against a frame's schema. Parameters that the text does not use are a problem of the caller's.
    pub fn compile(&self, schema: &Schema) -> Result<Transform, Problem> {
        let described = self.input.is_some() || self.schema.is_some();
        let help = "give `input=`: a frame that has the columns, or a contract that describes them";
        Transform::compile(&self.sql, &self.scope(schema))
            .map_err(|problem| if described { problem } else { problem.without_columns(help) })
    }

    fn scope(&self, schema: &Schema) -> Scope {
        let mut scope = match self.input.as_ref().and_then(|input| Some((input, input.object()?))) {
            Some((input, object)) => {
                let options = Options { parameters: self.parameters.clone(), ..Options::default() };
                Plan::scope(&input.contract, object, schema, &options)
            }
            None => frame_scope(schema, self.parameters.clone()),
        };
        scope.tables.extend(self.table.clone());
        scope
    }

    /// The clauses of the output contract that are proved, impossible, or left to the check.
    pub fn proofs(&self, transform: &Transform) -> Vec<Proof> {
        self.output.as_ref().and_then(Bound::object).map(|object| prove(transform, object)).unwrap_or_default()
    }

    /// Names of parameters that the text does not use.
    pub fn unused(&self, transform: &Transform) -> Vec<String> {
        self.parameters.keys().filter(|name| !transform.parameters.contains(*name)).cloned().collect()
    }

    /// The portable file.
    pub fn artefact(&self, transform: &Transform) -> Result<Artefact, ArtefactError> {
        let columns = |schema: &Schema| {
            schema.fields().iter().map(|field| (field.name().clone(), field.data_type().to_string())).collect()
        };
        let side = |bound: Option<&Bound>, schema: &Schema| Side {
            object: bound.map(|bound| bound.object.clone()),
            digest: bound.map(|bound| bound.contract.digest.clone()),
            contract: bound.map(|bound| bound.contract.text.clone()),
            table: None,
            columns: columns(schema),
        };
        let input = Side { table: self.table.clone(), ..side(self.input.as_ref(), &self.nominal()) };
        let output = side(self.output.as_ref(), &transform.schema);
        Artefact::new(&self.sql, input, output, &self.parameters)
    }
}
