//! Transforms (S8): `SELECT … FROM input [WHERE …]`, a total function of one record.
//!
//! Rooms: `definition` (text and contracts), `compile` (text to program), `nominal` (a contract as a schema), `lineage`, `prove` (what the facts say of the output contract), `report` (explain), `run` (batch by
//! batch), `artefact` (the portable file).

mod artefact;
mod compile;
mod definition;
mod lineage;
mod nominal;
mod prove;
mod report;
mod run;

pub use artefact::{Artefact, ArtefactError, Side};
pub use compile::{Output, Transform};
pub use definition::{Bound, Definition};
pub use lineage::Lineage;
pub use nominal::schema_of;
pub use prove::{Proof, State, prove};
pub use report::report;
pub use run::{CODE, ITEM, Transformed, quarantine_schema, run, run_all};
