//! Texts of `--help` about gates and ledgers.

use super::text::Help;

pub const DECIDE: Help = (
    "Decide what an agent proposes",
    "Decides proposals by a gate file: allow, deny or escalate. What the gate does not know is denied.\n\nAn allowed call is held in the ledger until it \
is committed or released, or its hold expires. The same id with the same proposal gets the same decision again.",
    "\
Examples:
  guard-nb decide payments.gate.yaml proposal.json                        as the first call of all
  guard-nb decide payments.gate.yaml proposal.json --ledger ledger.db
  agent | guard-nb decide payments.gate.yaml - --ledger ledger.db --format json --permit
  guard-nb decide reports.gate.yaml query.json --context tenant=4
  guard-nb decide payments.gate.yaml proposal.json --format html > decision.html

Standard input is NDJSON: one proposal a line, of at most 1 MiB, and one decision for each, in order, as soon as its line ends. Blank lines are none.
A permit runs one call, for whoever has it: it is printed with --permit only. Keep it out of logs.

Exit status: 0 allow, 1 deny (one of several is enough), 2 wrong usage, unreadable input or ledger, 3 escalate, 130 stopped, 141 the reader of the
decisions left.",
);

pub const APPROVE: Help = (
    "Approve what a gate escalated",
    "A human approves an escalated proposal, which `guard-nb ledger waiting` shows. It is judged again, by the same gate, with the limits of this \
moment.\n\nThe log keeps who approved.",
    "\
Examples:
  guard-nb ledger waiting ledger.db
  guard-nb approve payments.gate.yaml inv-881 --by ada --ledger ledger.db
  guard-nb approve payments.gate.yaml inv-881 --by ada --ledger ledger.db --format json --permit

Exit status: 0 allow, 1 deny, 2 wrong usage, or nothing to approve.",
);

pub const LEDGER: Help = (
    "Redeem and settle what a gate allowed",
    "Holds of a ledger: redeem a permit, commit or release a call, and find what a crashed executor left.\n\nA permit is read from standard input; it \
runs one call, for whoever has it.",
    "\
Examples:
  guard-nb ledger holds ledger.db
  guard-nb ledger waiting ledger.db
  jq -r .permit decision.json | guard-nb ledger redeem ledger.db
  guard-nb ledger commit ledger.db --id inv-881 --actual 7.00
  guard-nb ledger release ledger.db --id inv-882
  guard-nb ledger forget ledger.db payments.gate.yaml --before 2026-01-31T00:00:00Z

A call whose executor died keeps its hold, since nobody knows whether it ran: look it up where it ran, then commit or release it by its id.

Exit status: 0 done, 1 not done: the permit or hold is not one for it, 2 wrong usage or unreadable ledger.",
);

pub const AUDIT: Help = (
    "Verify, show and export what a gate decided",
    "The ledger's log: every decision and what became of it, as an RFC 6962 tree.\n\nA checkpoint that is kept elsewhere makes every edit and \
truncation before it visible.",
    "\
Examples:
  guard-nb audit checkpoint ledger.db > monday.checkpoint
  guard-nb audit verify ledger.db --checkpoint monday.checkpoint
  guard-nb audit show ledger.db --since 2026-01-31T00:00:00Z
  guard-nb audit export ledger.db --format otel > spans.ndjson

Exit status: 0 the log agrees, 1 it does not, 2 wrong usage or unreadable ledger, 3 nothing vouches for a proof's root.",
);

pub const HOLDS: &str = "\
A hold is held (its permit waits), expired (it counts no more) or running (its permit was redeemed). Running ones never expire.

Exit status: 0 listed, 2 unreadable ledger.";

pub const WAITING: &str = "\
Example:
  guard-nb ledger waiting ledger.db

Nothing is held for what waits: it is judged again when somebody approves it. What nobody approves stays undone.

Exit status: 0 listed, 2 unreadable ledger.";

pub const REDEEM: &str = "\
Example:
  jq -r .permit decision.json | guard-nb ledger redeem ledger.db

Exit status: 0 the call may run now, 1 it may not, 2 unreadable ledger.";

pub const COMMIT: &str = "\
Examples:
  guard-nb ledger commit ledger.db < permit.txt
  guard-nb ledger commit ledger.db --id inv-881 --actual 7.00

Exit status: 0 committed, now or before with the same amount; 1 not committed, 2 unreadable ledger.";

pub const RELEASE: &str = "\
Example:
  guard-nb ledger release ledger.db --id inv-881

Exit status: 0 released, now or before; 1 not released, 2 unreadable ledger.";

pub const FORGET: &str = "\
Example:
  guard-nb ledger forget ledger.db payments.gate.yaml --before 2026-01-31T00:00:00Z

Ids, recorded decisions and the log stay, so that every checkpoint holds. What runs is never removed, nor what a limit over all time counts, nor what
other gates have in the ledger. The permit of a call that was removed is void.

Exit status: 0 done, 2 wrong usage, or an unreadable gate or ledger.";

pub const VERIFY: &str = "\
Example:
  guard-nb audit verify ledger.db --checkpoint monday.checkpoint

A checkpoint that was kept elsewhere shows every edit of the entries that it saw, and that none of them is missing.

For entries that no checkpoint saw, verifying finds gaps, reordering, and every edit that the ledger's tables contradict: of decisions, and of what was
held, redeemed, spent and released. It cannot see
  - an end that was cut off, or a ledger made anew, with the tables to match;
  - a key that was exchanged before the first permit was made;
  - in the entry of a proposal without an id, or of one under an id that was taken: edits of its time, its digests and its id;
  - in the entry of an escalation that a human decided later: its time, `decision` and `record`;
  - in entries about calls that were forgotten: times, `held`, `actual`, and whether they were committed or released; in the entry that forgets:
    its times and `gate`;
  - arrival times of a rate but for the last one.
Times stay between those of the entries before and behind.

Exit status: 0 the log agrees, 1 it does not, 2 unreadable ledger or checkpoint.";

pub const SHOW: &str = "\
Examples:
  guard-nb audit show ledger.db
  guard-nb audit show ledger.db --id inv-881 --content
  guard-nb audit show ledger.db --id inv-881 --format ndjson";

pub const CHECKPOINT: &str = "\
Example:
  guard-nb audit checkpoint ledger.db > monday.checkpoint";

pub const PROVE: &str = "\
Examples:
  guard-nb audit prove ledger.db --leaf 7 > entry.proof.json
  guard-nb audit prove ledger.db --consistency 100 250 > growth.proof.json

Exit status: 0 proved, 1 there is no such entry or size, 2 unreadable ledger.";

pub const CHECK_PROOF: &str = "\
Example:
  guard-nb audit check-proof entry.proof.json --checkpoint monday.checkpoint

Exit status: 0 it holds, and checkpoints vouch for its roots; 1 it does not hold, 2 no proof, 3 it holds in itself, but no checkpoint vouches for a root.";

pub const EXPORT: &str = "\
Examples:
  guard-nb audit export ledger.db --format otel > spans.ndjson
  guard-nb audit export ledger.db --format prov --id inv-881 > inv-881.prov.json

Names are those of OpenTelemetry's conventions for generative AI, 1.41 (in development), and of the PROV-JSON submission; what they lack is under
`guard_nb.` and `gnb:`.";
