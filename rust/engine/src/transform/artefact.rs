//! The portable file of a transform (S8.5): text, contracts, parameters, schemas, and a digest over what they mean.

use super::definition::Bound;
use crate::contract::Contract;
use crate::expr::{Compiler, Parameter, Parameters, Scope, expression, literal};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use guard_kernels::expr::types::Type;
use guard_verdict::{SEMANTICS, canonical_json, digest};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Name of the format.
const FORMAT: &str = "guard-nb/transform/v1";
/// Longest file, in bytes.
const SIZE_LIMIT: usize = 64 << 20;

/// One side of a transform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Side {
    /// The schema object.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub object: Option<String>,
    /// Digest of the contract.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The contract's text, so that the file runs without others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contract: Option<String>,
    /// What the text may call the input besides `input` and the object's names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub table: Option<String>,
    /// Names and Arrow types of the columns.
    pub columns: Vec<(String, String)>,
}

/// A transform as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Artefact {
    format: String,
    semantics: u32,
    /// The text.
    pub sql: String,
    /// What it reads.
    pub input: Side,
    /// What it yields.
    pub output: Side,
    /// Values of the parameters, as SQL expressions of constants.
    pub params: BTreeMap<String, String>,
    /// SHA-256 over the canonical JSON of all but this.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
}

/// The input, the output, and the input's schema.
pub type Sides = (Option<Bound>, Option<Bound>, Option<SchemaRef>);

/// Why a file is no transform, or a transform no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtefactError(pub String);

impl Artefact {
    /// A file; parameters are written as SQL.
    pub fn new(sql: &str, input: Side, output: Side, parameters: &Parameters) -> Result<Artefact, ArtefactError> {
        let mut params = BTreeMap::new();
        for (name, parameter) in parameters {
            let written = written(parameter).ok_or_else(|| {
                ArtefactError(format!("the parameter `{name}` is of type {}, which a file does not hold", parameter.ty))
            })?;
            params.insert(name.clone(), written);
        }
        let (format, semantics) = (FORMAT.to_owned(), SEMANTICS);
        let mut out = Artefact { format, semantics, sql: sql.to_owned(), input, output, params, digest: None };
        out.digest = Some(out.computed()?);
        Ok(out)
    }

    /// Canonical JSON.
    pub fn to_json(&self) -> Result<String, ArtefactError> {
        canonical_json(self).map_err(|why| ArtefactError(why.to_string()))
    }

    /// Reads a file; one that was changed, or whose contracts are not those that it names, is refused.
    pub fn from_json(text: &str) -> Result<Artefact, ArtefactError> {
        let fault = |why: String| ArtefactError(format!("this is no transform: {why}"));
        if text.len() > SIZE_LIMIT {
            return Err(fault("it is longer than 64 MiB".to_owned()));
        }
        let read: Artefact = serde_json::from_str(text).map_err(|why| fault(why.to_string()))?;
        if read.format != FORMAT || read.semantics != SEMANTICS {
            return Err(fault("it is of another format or of other semantics".to_owned()));
        }
        if read.digest != Some(read.computed()?) {
            return Err(fault("its digest is another: it was changed".to_owned()));
        }
        for side in [&read.input, &read.output] {
            if let Some(text) = &side.contract {
                let contract = Contract::load(text).map_err(|_| fault("its contract does not load".to_owned()))?;
                if side.digest.as_ref() != Some(&contract.digest) {
                    return Err(fault("its contract has another digest".to_owned()));
                }
            }
        }
        Ok(read)
    }

    /// Input, output, and the input's schema where no contract describes it.
    pub fn sides(&self) -> Result<Sides, ArtefactError> {
        let bound = |side: &Side| -> Result<Option<Bound>, ArtefactError> {
            let (Some(text), Some(object)) = (&side.contract, &side.object) else { return Ok(None) };
            let wrong = || ArtefactError("this is no transform: its contract does not load".to_owned());
            let contract = Contract::load(text).map_err(|_| wrong())?;
            contract.object(object).ok_or_else(wrong)?;
            Ok(Some(Bound { contract: Arc::new(contract), object: object.clone() }))
        };
        let input = bound(&self.input)?;
        let field = |(name, ty): &(String, String)| {
            let ty: DataType = ty.parse().map_err(|_| ArtefactError(format!("`{ty}` is no Arrow type")))?;
            Ok(Field::new(name, ty, true))
        };
        let fields = self.input.columns.iter().map(field).collect::<Result<Vec<_>, ArtefactError>>()?;
        let schema = Some(Arc::new(Schema::new(fields)));
        Ok((input, bound(&self.output)?, schema))
    }

    /// The parameters as values.
    pub fn parameters(&self) -> Result<Parameters, ArtefactError> {
        let scope = Scope::default();
        let read = |(name, sql): (&String, &String)| {
            let wrong = || ArtefactError(format!("this is no transform: the parameter `{name}` cannot be read"));
            let expr = expression(sql).map_err(|_| wrong())?;
            let mut compiler = Compiler::new(&scope);
            let (root, _) = compiler.compile(&expr).map_err(|_| wrong())?;
            let facts = compiler.facts(root);
            let value = facts.constant.clone().ok_or_else(wrong)?;
            Ok((name.clone(), Parameter { ty: facts.ty.clone(), value }))
        };
        self.params.iter().map(read).collect()
    }

    /// The digest of the meaning: texts of contracts stand for themselves by their digests.
    fn computed(&self) -> Result<String, ArtefactError> {
        let mut bare = self.clone();
        bare.digest = None;
        bare.input.contract = None;
        bare.output.contract = None;
        Ok(digest(bare.to_json()?.as_bytes()))
    }
}

/// A parameter as SQL that yields it again.
fn written(parameter: &Parameter) -> Option<String> {
    let scalar = parameter.ty.is_scalar() && !matches!(parameter.ty, Type::Binary | Type::Duration(_));
    let text = scalar.then(|| literal(&parameter.ty, &parameter.value))?;
    let sql = match parameter.ty {
        Type::Null | Type::Text | Type::Boolean => text,
        _ if parameter.value.is_null() => format!("CAST(NULL AS {})", parameter.ty),
        _ => format!("CAST('{text}' AS {})", parameter.ty),
    };
    // Only what is read back as the same value is written.
    let scope = Scope::default();
    let expr = expression(&sql).ok()?;
    let mut compiler = Compiler::new(&scope);
    let (root, _) = compiler.compile(&expr).ok()?;
    let facts = compiler.facts(root);
    (facts.ty == parameter.ty && facts.constant.as_ref() == Some(&parameter.value)).then_some(sql)
}
