//! Codes for gate files, proposals, limits, permits and ledgers.

codes! { Gate,
    MALFORMED = "gate-malformed": "a gate file holds something that a gate has not";
        help "see the message; what a gate does not know is an error, since a misspelt limit must not be ignored"; example "`limts: []`"
    VALUE = "gate-value": "a value of a gate file is not one that its key takes";
        help "see the message for the values there are"; example "`window: fortnight`"
    POINTER = "gate-pointer": "a pointer of a gate file names no argument that the schema declares";
        help "declare the argument in `inputSchema`, or correct the pointer"; example "`key: [/invioce]`"
    TOOL_UNLISTED = "gate-tool-unlisted": "a limit names a tool that the gate does not list";
        help "correct the name, or list the tool"; example "`tools: [send_mony]`"
    ALLOW_NEVER = "gate-allow-never": "the rule that allows a tool is TRUE for no arguments";
        help "compare the rule with the bounds and values of the schema; until then every call is denied"; example "`allow: \"amount <= 0\"` where the schema has `minimum: 1`"
    ESCALATE_NEVER = "gate-escalate-never": "no call that is allowed is escalated";
        help "correct the rule, or leave it out"; example "`escalate: \"amount > 900\"` beside `allow: \"amount <= 500\"`"
    ESCALATE_ALWAYS = "gate-escalate-always": "every call that is allowed is escalated";
        help "write `TRUE` if a human is to approve each call, or correct the rule"; example "`escalate: \"amount >= 0\"`"
    LIMIT_UNREACHED = "gate-limit-unreached": "no call that is allowed reaches a limit";
        help "correct the tools or the currency of the limit, or leave it out"; example "a budget in USD where the schema admits EUR only"
    LIMIT_SMALL = "gate-limit-small": "no amount that a tool may spend fits a budget";
        help "raise the budget, or let the tool spend less"; example "`max: \"0.50\"` where amounts start at 1"
    LIMIT_IDLE = "gate-limit-idle": "a limit never binds, since another one admits no more";
        help "leave out the weaker limit, or correct it"; example "two budgets of a day, of 500 and of 1000"
    ORDER_IMPOSSIBLE = "gate-order-impossible": "the first tool of an order is never allowed before the second";
        help "allow the first tool, or correct the order"; example "`first: a, then: b` and `first: b, then: a`"
    POINTER_ABSENT = "gate-pointer-absent": "a call may leave out the argument that parts a limit or makes up its intent";
        help "list the argument in `required`, or demand it in `allow`"; example "`key: [/invoice]` where `invoice` is optional"
    ARGUMENT_UNTYPED = "gate-argument-untyped": "rules cannot read an argument";
        help "give it one `type` in the schema if a rule is to read it"; example "`{note: {}}`"
    WIDER = "gate-wider": "a gate admits more than the one that it should be narrower than";
        help "see the proposal in the message; a task may only leave out tools, add conditions and lower limits"; example "`max: \"2000.00\"` where the gate has 1000.00"
    UNPROVED = "gate-unproved": "it could not be proved that a gate is narrower, nor that it is not";
        help "keep the old condition and add one by `AND`; compare one argument with constants"; example "`allow: \"amount * 2 < 100\"` for `amount < 50`"
    IMPORT_UNREADABLE = "import-unreadable": "what is imported is no list of MCP tools, or no AP2 open payment mandate";
        help "give the JSON as it was published"; example "a tool without `inputSchema`"
    IMPORT_UNSUPPORTED = "import-unsupported": "what is imported demands something that a gate cannot say";
        help "see the message; nothing is left out silently"; example "an AP2 constraint of an unknown type"
    RECORDS_CONTRACT = "records-contract": "the contract for records inside of arguments cannot be used";
        help "give the loader an ODCS contract under this name, with one schema object"; example "`records: {/orders: ordres.odcs.yaml}`"
    RECORD_REJECTED = "record-rejected": "a record inside of an argument does not keep its contract";
        help "correct the record, or leave it out; one rejected record denies the call"; example "`orders` with a negative `qty`"
    RECORDS_LARGE = "records-too-many": "an argument holds more records than are judged";
        help "propose several calls of at most 10,000 records"; example "an array of 20,000 orders"
    SCHEMA_INVALID = "schema-invalid": "a JSON Schema has a keyword with a value that it cannot have";
        help "correct the schema by JSON Schema 2020-12"; example "`{type: strnig}`"
    SCHEMA_UNRESOLVED = "schema-unresolved": "a reference of a JSON Schema leads nowhere";
        help "references reach what the schema itself holds; nothing is fetched"; example "`{$ref: \"#/$defs/mony\"}`"
    PROPOSAL_MALFORMED = "proposal-malformed": "a proposal is no JSON";
        help "write it as one JSON object in UTF-8"; example "`{\"amount\": 01}`"
    PROPOSAL_DUPLICATE = "proposal-duplicate-name": "a name occurs twice in one object of a proposal";
        help "keep one of the members; two readers could take two different ones"; example "`{\"amount\": 1, \"amount\": 900}`"
    PROPOSAL_LARGE = "proposal-too-large": "a proposal is longer or deeper than is read";
        help "1 MiB and 32 levels are read"; example "an argument of 10 MB"
    PROPOSAL_NUMBER = "proposal-number": "a number of a proposal has more digits than are read";
        help "at most 38 significant digits and exponents of three digits are read"; example "`1e999`"
    PROPOSAL_MEMBER = "proposal-member": "a member of a proposal is missing, unknown or of another type";
        help "an action has `kind`, `id`, `principal`, `tool`, `arguments` and maybe `task`"; example "a proposal without `id`"
    KIND_UNSUPPORTED = "kind-unsupported": "the gate judges no proposals of this kind";
        help "propose an action of one of the gate's tools"; example "`kind: shell`"
    TOOL_UNKNOWN = "tool-unknown": "the gate lists no tool of this name";
        help "propose one of the gate's tools; what is not listed is denied"; example "`tool: drop_database`"
    ARGUMENT_INVALID = "argument-invalid": "an argument does not satisfy the tool's schema";
        help "correct the argument; nothing is converted"; example "`\"amount\": \"7\"` where a number is due"
    ARGUMENT_UNREADABLE = "argument-unreadable": "an argument has a value that rules cannot read exactly";
        help "numbers have at most 29 digits before the point and 9 behind it, integers 64 bits"; example "`0.1234567891`"
    MONEY_FORM = "money-form": "an amount is not plain digits";
        help "write an amount as digits with a point, without sign and exponent"; example "`1e2`"
    MONEY_DIGITS = "money-digits": "an amount has more digits than its currency";
        help "nothing is rounded; write no more digits than the currency has"; example "`7.355` EUR, `100.0` JPY"
    MONEY_RANGE = "money-range": "an amount is beyond what is reckoned with";
        help "amounts stay below 10^18 minor units"; example "an amount of 30 digits"
    CURRENCY_UNKNOWN = "currency-unknown": "a currency is not one of ISO 4217 with minor units";
        help "write the three capital letters of ISO 4217"; example "`eur`, `XAU`, `BTC`"
    RULE_FALSE = "rule-false": "the rule that allows a call is FALSE";
        help "see the rule and the arguments it reads"; example "`allow: \"amount <= 500\"` and an amount of 501"
    RULE_UNDECIDED = "rule-undecided": "a rule is NULL or fails on the proposal";
        help "give the argument that the rule reads, or say in the rule what holds without it"; example "`allow: \"amount / parts < 9\"` with parts = 0"
    BUDGET_EXCEEDED = "budget-exceeded": "a call would spend more than a budget has";
        help "wait for the next window, or for holds to be released"; example "600 of 1000 after 500"
    BUDGET_CURRENCY = "budget-currency": "a call spends a currency for which its tool has no budget";
        help "add a budget in that currency"; example "USD where the budget is in EUR"
    VELOCITY_EXCEEDED = "velocity-exceeded": "a call would be one more than its limit admits in a window";
        help "wait for the next window"; example "the 11th call of 10 a day"
    RATE_EXCEEDED = "rate-exceeded": "calls come faster than their rate";
        help "wait as long as the message says"; example "11 calls in a second where 10 a minute are admitted"
    INTENT_REPEATED = "intent-repeated": "the same intent was admitted before, under another id";
        help "look up the first call; retry it with its own id"; example "an invoice paid twice"
    ORDER_MISSING = "order-missing": "a call that must come first was not made, or too long ago";
        help "make and commit the other call first"; example "`send_money` without `get_invoice`"
    APPROVAL_REQUIRED = "approval-required": "a human must approve the call";
        help "approve it by its id, or let it be"; example "`escalate: \"amount > 200\"` and an amount of 300"
    APPROVAL_STALE = "approval-stale": "there is nothing to approve under this id by this gate";
        help "only an escalated proposal can be approved, once, by the gate that escalated it"; example "approval after the gate was changed"
    APPROVER_INVALID = "approver-invalid": "an approval names nobody who may approve";
        help "name the person in 1 to 256 printable characters; who proposed a call cannot approve it"; example "`approve(decision, by=\"\")`"
    ID_CONFLICT = "id-conflict": "an id was used before for another proposal";
        help "make a new id for a new proposal"; example "the same id with another amount"
    ID_OTHER_GATE = "id-other-gate": "an id was used before with another gate";
        help "make a new id; one ledger knows each id once, and a gate does not repeat what another one has decided"; example "a call that one gate allowed, proposed to another"
    PERMIT_INVALID = "permit-invalid": "a permit is none of this ledger and proposal";
        help "use the permit of the decision unchanged"; example "a permit with one byte changed"
    PERMIT_EXPIRED = "permit-expired": "a permit was not redeemed in time";
        help "propose again under a new id"; example "a permit of yesterday"
    PERMIT_USED = "permit-used": "a permit was redeemed before";
        help "a permit runs one call; settle it with commit or release"; example "a retried executor"
    PERMIT_SETTLED = "permit-settled": "a permit was settled otherwise before";
        help "a committed call cannot be released, nor a released one committed"; example "release after commit"
    COMMIT_EXCEEDS = "commit-exceeds": "a commit is more than was reserved";
        help "reserve the upper bound; the hold stays as it is"; example "`commit(permit, actual=\"12.00\")` of 10.00"
    LEDGER_UNAVAILABLE = "ledger-unavailable": "the ledger cannot be read, written or locked";
        help "nothing was allowed; of a file check its folder and the space on the disk, of a server that it runs and lets its role in; after a fork open it anew in the child"; example "a ledger in a folder that may not be written"
    LEDGER_VERSION = "ledger-version": "the file or database is no ledger of this version";
        help "open it with the version of guard_nb that made it"; example "any other SQLite file"
    LEDGER_BROKEN = "ledger-broken": "the ledger's log does not agree with its tree";
        help "somebody edited, cut or reordered the log; see the sequence in the message"; example "a changed amount in an old record"
}
