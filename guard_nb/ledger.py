"""Where gates keep what was decided, held and spent (docs/spec/gate.md, G5 and G6)."""

from __future__ import annotations

import json
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from guard_nb import _native, _texts
from guard_nb._visible import visible
from guard_nb.errors import UsageError

if TYPE_CHECKING:
    from guard_nb.gate import Gate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The password of a connection string, in either place.
_PASSWORD = re.compile(r"(?<=://)([^:@/?]*:).*(?=@)|(?<=[?&])(password=)[^&]*")


class Ledger:
    """Where a gate keeps what was decided, held and spent. Threads may share it.

    `Ledger("ledger.db")` is a SQLite file that several processes of one host may share. It is made so that only its
    owner can read it: the key of its permits and checkpoints is in it, and whoever can read the key can make permits.
    `Ledger("postgresql://…")` is the schema `guard_nb` of a PostgreSQL database, for several hosts; the key is in its
    table `meta`. A server on another machine is spoken to over TLS, its certificate verified with its name against
    `sslrootcert=FILE` of the string or what the machine trusts; `sslmode=disable` forbids that where the network is
    trusted. Without a password in the string it is that of the environment variable `PGPASSWORD`. A server that is
    silent for 10 seconds, or for the string's `connect_timeout`, is unavailable. `Ledger()` is gone with the process.

    A ledger that is not there is made; with `make=False`, as for those who only look, that is a `LedgerError`.

    Raises `LedgerError` for what is no ledger of this version, or cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, make: bool = True) -> None:
        place = None if path is None else _texts.text("path", os.fspath(path))
        self._native = _native.Ledger(place, secrets.token_bytes(32), bool(make))
        self.path = None if place is None else _PASSWORD.sub(lambda found: f"{found[1] or found[2]}…", place)

    def checkpoint(self) -> str:
        """Length and root of the log, with a MAC. Keep it elsewhere: what is before it cannot change unseen."""
        return self._native.checkpoint()

    def verify(self, *checkpoints: str) -> int:
        """The number of log entries, when the log is whole and agrees with the checkpoints; else `LedgerError`."""
        return self._native.verify([_texts.text("checkpoints", each) for each in checkpoints])

    def log(self, start: int = 0) -> list[dict[str, Any]]:
        """Entries of the log from a sequence."""
        return [json.loads(leaf) for leaf in self._native.leaves(start)]

    def export(self, form: Literal["otel", "prov", "ndjson"] = "otel", *, content: bool = False) -> str:
        """The log for other tools: OTLP's JSON, an `execute_tool` span a line, or one W3C PROV-JSON document.

        Arguments, and messages that quote them, are in them with `content` only. `ndjson` has the log's entries byte
        for byte, one a line; they hold digests, and no arguments.
        """
        if form not in ("otel", "prov", "ndjson"):
            message = f"`form` is otel, prov or ndjson, not `{visible(str(form))}`"
            raise ValueError(message)
        if form == "ndjson":
            return "".join(f"{leaf}\n" for leaf in self._native.leaves(0))
        return self._native.export(form == "prov", content)

    def forget(self, gate: Gate, before: datetime) -> int:
        """Removes calls that ended before a time and that no limit of the gate can count any more; says how many.

        Ids, recorded decisions and the log stay, so that every checkpoint holds. What runs is never removed, nor what a
        limit over all time counts, nor what other gates have in the ledger.
        """
        native = getattr(gate, "_native", None)
        if not isinstance(native, _native.Gate):
            message = f"`gate` must be a Gate, not `{type(gate).__name__}`"
            raise TypeError(message)
        if not isinstance(before, datetime):
            message = f"`before` must be a datetime with a time zone, not `{type(before).__name__}`"
            raise TypeError(message)
        if before.tzinfo is None:
            message = "`before` has no time zone"
            raise UsageError(message, code="gate-value", help="say `datetime(…, tzinfo=UTC)`")
        return self._native.forget(native, (before - _EPOCH) // timedelta(microseconds=1))

    def __repr__(self) -> str:
        """Where it is, without the password."""
        return f"<Ledger {visible(self.path or 'in memory')}>"
