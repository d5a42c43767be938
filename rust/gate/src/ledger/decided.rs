//! A decision with all that it changes in a ledger. Its documents are written when they are first asked for, so that a ledger
//! in memory writes none before somebody looks.

use super::leaf;
use super::store::{Entry, Record, Reservation};
use crate::decision::Decision;
use crate::name::Name;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// A step's decision.
#[derive(Debug)]
pub struct Decided {
    /// `decision`, `conflict` or `other-gate`.
    pub event: &'static str,
    /// The decision; its `sequence` is that of its leaf.
    pub decision: Arc<Decision>,
    /// The canonical proposal; the bytes' digest for one without reading.
    pub canonical: Name,
    /// Is it recorded under its id? Where the id is taken, what it was taken for stays.
    pub recorded: bool,
    /// What is held for it.
    pub held: Held,
    document: OnceLock<String>,
}

/// What an allowed proposal holds; all empty for one that is not.
#[derive(Debug, Default)]
pub struct Held {
    /// Its number is the decision's.
    pub reservation: Option<Reservation>,
    /// Under limits that count.
    pub entries: Vec<Entry>,
    /// Limit, part and theoretical arrival time; they replace what stood there.
    pub arrivals: Vec<(Name, Name, i64)>,
}

impl Decided {
    /// A decision on a proposal. Without id nothing can be recorded.
    pub(super) fn new(decision: Arc<Decision>, canonical: Name, held: Held) -> Decided {
        let recorded = decision.id.is_some();
        Decided { event: "decision", decision, canonical, recorded, held, document: OnceLock::new() }
    }

    /// The denial of a proposal whose id is taken.
    pub(super) fn taken(event: &'static str, decision: Arc<Decision>) -> Decided {
        let (canonical, held, document) = (Name::Fixed(""), Held::default(), OnceLock::new());
        Decided { event, decision, canonical, recorded: false, held, document }
    }

    /// The decision's document, which is kept.
    pub fn document(&self) -> &str {
        self.document.get_or_init(|| self.decision.to_json())
    }

    /// The decision's document, which is not kept.
    fn written(&self) -> Cow<'_, str> {
        self.document.get().map_or_else(|| Cow::Owned(self.decision.to_json()), |text| Cow::Borrowed(text.as_str()))
    }

    /// The reservation and its number.
    pub fn reservation(&self) -> Option<(u64, &Reservation)> {
        self.held.reservation.as_ref().map(|held| (self.decision.sequence, held))
    }

    /// What is recorded, and under which id.
    pub fn record(&self) -> Option<(&Name, Record)> {
        let id = self.decision.id.as_ref().filter(|_| self.recorded)?;
        let (canonical, permit) = (self.canonical.to_string(), self.decision.permit.clone());
        Some((id, Record { canonical, decision: self.written().into_owned(), permit }))
    }

    /// The leaf of the log.
    pub fn leaf(&self) -> String {
        leaf::decision(self, &self.written())
    }
}
