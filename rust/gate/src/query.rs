//! Proposals of kind `query` (G8): SQL judged by the gate's policy, and the values that its text is bound to.

use crate::json::Value as Given;
use crate::kind::{Answer, Bound, Judged, obligations, parameters};
use crate::proposal::Reading;
use crate::reason::{Obligation, Outcome, Reason};
use guard_engine::document::quote;
use guard_query::{Allowed, Parameters, QueryDecision, QueryPolicy, judge};
use guard_verdict::{Code, codes::query as codes};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The `queries` of a gate file.
#[derive(Debug, Clone)]
pub struct Queries {
    /// What may be read.
    pub policy: QueryPolicy,
    /// Constants of the file that predicates use.
    pub params: BTreeMap<String, Bound>,
    /// What the caller must give of its principal, sorted.
    pub asked: Vec<String>,
    /// What the caller gave.
    pub context: BTreeMap<String, Bound>,
    /// Names that no proposal may bind: every parameter of the file, and the context.
    pub reserved: BTreeSet<String>,
    /// The limits it meets, and by which values they are parted.
    pub meets: Vec<crate::file::Meets>,
    /// The gate's digest before a context was given.
    pub(crate) base: String,
}

impl Queries {
    /// Takes the context of the principal who asks: exactly the names of `context`, each a text, number or truth value.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn with_context(&self, values: &Given<'_>) -> Result<Queries, String> {
        let Given::Object(members) = values else {
            return Err("the context is no mapping of names to values".to_owned());
        };
        let mut context = BTreeMap::new();
        for (name, value) in members {
            if self.asked.iter().all(|asked| asked != name.as_ref()) {
                return Err(format!("the gate's `context` has no {}", quote(name)));
            }
            match Bound::of(value).filter(|value| *value != Bound::Null) {
                Some(value) => drop(context.insert(name.to_string(), value)),
                None => return Err(format!("{} is no text, number or truth value", quote(name))),
            }
        }
        match self.asked.iter().find(|name| !context.contains_key(*name)) {
            Some(missing) => Err(format!("the context has no {}", quote(missing))),
            None => Ok(Queries { context, ..self.clone() }),
        }
    }

    /// The digest of the gate with its context.
    pub(crate) fn digest(&self) -> String {
        if self.context.is_empty() {
            return self.base.clone();
        }
        let values: Vec<Value> = self.context.iter().map(|(name, value)| value.document(name, "context")).collect();
        let text = guard_verdict::canonical_json(&values).unwrap_or_default();
        guard_verdict::digest(format!("{}\n{text}", self.base).as_bytes())
    }

    fn own(&self, name: &str) -> Option<(&Bound, &'static str)> {
        let given = self.context.get(name).map(|value| (value, "context"));
        given.or_else(|| self.params.get(name).map(|value| (value, "gate")))
    }

    /// Judges a proposal's text and parameters.
    pub(crate) fn judge(&self, proposal: &Reading<'_>) -> Judged {
        let bound = match parameters(proposal, &self.reserved) {
            Ok(bound) => bound,
            Err(reasons) => {
                let stages = STAGES
                    .map(|(name, _)| (name, if name == PARAMETERS { Outcome::Failed } else { Outcome::NotReached }));
                return Judged { obligations: obligations("query", &stages), answer: Err(reasons) };
            }
        };
        let gate = self.params.keys().chain(self.context.keys()).map(|name| (name.clone(), Value::Null)).collect();
        let names =
            Parameters { proposal: bound.iter().map(|(name, value)| (name.clone(), number(value))).collect(), gate };
        match judge(&self.policy, proposal.sql(), &names) {
            QueryDecision::Allowed(allowed) => {
                let document = self.document(&allowed, &bound);
                let answer = Answer { kind: "query", narrowed: !allowed.narrowed.is_empty(), document };
                Judged {
                    obligations: obligations("query", &STAGES.map(|(name, _)| (name, Outcome::Held))),
                    answer: Ok(answer),
                }
            }
            QueryDecision::Denied { read, reasons } => denied(read, reasons),
        }
    }

    /// The decision's `query`.
    fn document(&self, allowed: &Allowed, bound: &BTreeMap<String, Bound>) -> Value {
        let parameters = allowed.parameters.iter().filter_map(|parameter| {
            let (value, source) = match parameter.gate {
                true => self.own(&parameter.name)?,
                false => (bound.get(&parameter.name)?, "proposal"),
            };
            Some(value.document(&parameter.name, source))
        });
        let parameters: Vec<Value> = parameters.collect();
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| drop(out.insert(key.to_owned(), value));
        put("dialect", json!(self.policy.dialect()));
        put("sql", json!(allowed.sql));
        put("parameters", json!(parameters));
        put("tables", json!(allowed.tables));
        put("columns", json!(allowed.columns));
        put("lineage", json!(allowed.lineage));
        put("limit", json!(allowed.limit));
        put("narrowed", json!(allowed.narrowed));
        put("cost", json!(allowed.cost));
        Value::Object(out)
    }
}

/// The value that a LIMIT takes; of the others only the name matters.
fn number(value: &Bound) -> Value {
    match value {
        Bound::Integer(whole) => json!(whole),
        _ => Value::Null,
    }
}

const PARAMETERS: &str = "parameters";
/// What has to hold, and the codes that say that it does not.
const STAGES: [(&str, &[Code]); 8] = [
    (PARAMETERS, &[codes::PARAMETER, codes::PARAMETER_RESERVED]),
    ("parse", &[codes::TOO_LARGE, codes::TOO_DEEP, codes::SYNTAX, codes::COMMENT, codes::STATEMENT, codes::STATEMENTS]),
    (
        "form",
        &[
            codes::LITERAL,
            codes::CLAUSE,
            codes::RECURSIVE,
            codes::TYPE,
            codes::OPERATOR,
            codes::EXPRESSION,
            codes::NAME,
        ],
    ),
    ("relations", &[codes::RELATION_UNKNOWN, codes::TABLE_FUNCTION]),
    ("columns", &[codes::COLUMN_UNKNOWN, codes::COLUMN_AMBIGUOUS]),
    ("functions", &[codes::FUNCTION_UNKNOWN, codes::FUNCTION_USE]),
    ("limit", &[codes::LIMIT]),
    ("text", &[codes::RENDER]),
];

fn denied(read: bool, reasons: Vec<guard_query::Reason>) -> Judged {
    let failed = |codes: &[Code]| reasons.iter().any(|reason| codes.contains(&reason.code));
    let stages = STAGES.map(|(name, codes)| {
        // A text that was not read has no names, and one with faults is not written.
        let outcome = match (name, read, failed(codes)) {
            ("parse", false, _) | (_, true, true) => Outcome::Failed,
            (PARAMETERS, false, _) => Outcome::Held,
            (_, false, _) | ("text", true, false) => Outcome::NotReached,
            (_, true, false) => Outcome::Held,
        };
        (name, outcome)
    });
    let obligations: Vec<Obligation> = obligations("query", &stages);
    let reasons = reasons.into_iter().map(|found| {
        let general = found.code.0.help == found.help;
        let placed = Reason::new(found.code, found.message).at("/sql").placed(found.span);
        if general { placed } else { placed.with_help(found.help) }
    });
    Judged { obligations, answer: Err(reasons.collect()) }
}
