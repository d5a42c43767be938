"""Running what a gate approved: queries on a DuckDB that is locked down, transforms on frames (docs/queries.md)."""

from __future__ import annotations

import math
import os
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Self

from guard_nb import _arrow
from guard_nb._visible import visible
from guard_nb.contract import Contract
from guard_nb.errors import GuardError, UsageError
from guard_nb.transform import Transform, Transformed

if TYPE_CHECKING:
    import duckdb
    import polars as pl

    from guard_nb.decision import Decision
    from guard_nb.gate import Call, Gate

# Nothing outside the database is reached, and nothing of this can be taken back. The lock comes last.
LOCKS = {
    "python_enable_replacements": "false",
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "lock_configuration": "true",
}


# Between two attempts at a query that is to stop: one that has not begun yet cannot be stopped.
AGAIN = 0.05


@dataclass(frozen=True)
class Caps:
    """What a query may take: seconds, and bytes of memory where the database is ours."""

    timeout: float = 60.0
    memory_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        """Refuses what is no limit."""
        if isinstance(self.timeout, bool) or not isinstance(self.timeout, int | float):
            raise TypeError(f"`timeout` must be seconds, not `{type(self.timeout).__name__}`")
        if isinstance(self.memory_bytes, bool) or not isinstance(self.memory_bytes, int):
            raise TypeError(f"`memory_bytes` must be an int, not `{type(self.memory_bytes).__name__}`")
        if not (math.isfinite(self.timeout) and 0 < self.timeout <= threading.TIMEOUT_MAX):
            raise _out_of_range("timeout", self.timeout)
        if not 0 < self.memory_bytes < 1 << 63:
            raise _out_of_range("memory_bytes", self.memory_bytes)


def run(gate: Gate, decision: Decision, source: Any, caps: Caps | None = None) -> pl.DataFrame | Transformed:
    """Redeems the decision's permit, runs what was approved, and commits; a call that fails is released.

    A query runs on `source`: a mapping of relation names to frames, the path of a DuckDB file, which is opened to be
    read only, or a DuckDB connection, which is locked down and stays so. Its rows come back as a polars frame. It is
    stopped, and released, when it needs more time or memory than `caps` says; nothing of it goes to the disk. A
    connection of yours keeps its own limit of memory and its own folder for temporary files.

    A transform runs on `source`, a frame; see `Transform.run`: records on which it fails are quarantined alone. Its
    cost is that of one pass over the frame, and `caps` do not apply.

    Raises `LedgerError` without a permit that can be redeemed, and `UsageError` for what cannot be run here.
    """
    caps = caps or Caps()
    if decision.query is not None:
        return run_query(gate, decision, source, caps)
    if decision.transform is not None:
        return run_transform(gate, decision, source)
    if decision:
        raise _unrunnable("the decision is on a call of a tool", "run it in a block: `with gate.execute(decision)`")
    with gate.execute(decision):  # Raises for want of a permit.
        raise _unrunnable("the decision approves nothing", "see its reasons")


def run_query(gate: Gate, decision: Decision, source: Any, caps: Caps) -> pl.DataFrame:
    """Runs an approved query; see `run`."""
    dialect = (decision.query or {}).get("dialect", "duckdb")
    if dialect != "duckdb":
        message = f"the query is written for {visible(dialect)}; only `dialect: duckdb` runs here"
        raise _unrunnable(message, "run `call.sql` with `call.parameters` in a block: `with gate.execute(decision)`")
    engine = _engine()
    with gate.execute(decision) as call:
        try:
            connection, ours = _connected(engine, source, call, caps)
            try:
                return _rows(engine, connection, call, caps)
            finally:
                if ours:
                    connection.close()
        except BaseException as error:
            call.release()
            if (refused := _refused(engine, error)) is None:
                raise
            raise refused from error


def _rows(engine: Any, connection: duckdb.DuckDBPyConnection, call: Call, caps: Caps) -> pl.DataFrame:
    """What the query of a call gives, in time."""
    with _Deadline(connection, caps.timeout) as deadline:
        try:
            return _plain(_frame(connection.sql(call.sql or "", params=call.parameters)))
        except Exception as error:
            if not deadline.passed:
                raise
            message = f"the query was stopped after {caps.timeout:g} s"
            raise _unrunnable(message, "ask for less, or give it more time: `gate.run(…, timeout=SECONDS)`") from error


def _refused(engine: Any, error: BaseException) -> UsageError | None:
    """What an error of DuckDB or of polars says to the user; nothing of others."""
    import polars as pl

    if isinstance(error, engine.OutOfMemoryException):
        message = f"the query needs more memory than it may have: {visible(str(error).partition(chr(10))[0])}"
        return _unrunnable(message, "ask for less, or give it more: `gate.run(…, memory_bytes=BYTES)`")
    if isinstance(error, engine.Error):
        message = f"DuckDB refused the query: {visible(str(error))}"
        return _unrunnable(message, "check that the database has what the gate's `queries` say")
    if isinstance(error, pl.exceptions.PolarsError) or type(error).__name__ == "PanicException":
        return _no_frame(visible(str(error)))
    return None


class _Deadline:
    """Interrupts what a connection does when its time has passed, and nothing that it does later."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="guard_nb-deadline", daemon=True)
        self.passed = False

    def _watch(self) -> None:
        waiting = self._seconds
        while not self._over.wait(waiting):
            with self._lock:
                if not self._over.is_set():
                    self.passed = True
                    self._connection.interrupt()
            waiting = AGAIN

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over.set()
        self._thread.join()


def _frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    import polars as pl

    twice = [name for name, count in Counter(relation.columns).items() if count > 1]
    if twice:
        raise _no_frame(f"it has several columns `{visible(twice[0])}`")
    # DuckDB's own Arrow capsule needs no pyarrow, but prints pages about leaks of its own when the process ends.
    return relation.pl() if find_spec("pyarrow") else pl.DataFrame(relation)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, unless it has columns that only DuckDB can read."""
    for name, kind in frame.schema.items():
        if "opaque" in str(kind):
            message = f"polars has no type for the column `{visible(name)}`"
            raise _unrunnable(message, "cast it in the query, for example to VARCHAR or DOUBLE")
    return frame


def run_transform(gate: Gate, decision: Decision, frame: Any) -> Transformed:
    """Runs an approved transform on a frame; see `run`."""
    with gate.execute(decision) as call:
        try:
            return _transform(gate, call).run(frame)
        except GuardError:
            call.release()
            raise


def _transform(gate: Gate, call: Call) -> Transform:
    """The transform of a call, from the contracts that the gate was loaded with."""
    sides = []
    for side in (call.arguments["input"], call.arguments["output"]):
        contract = Contract.loads(gate.file(side["file"]))
        sides.append((contract, side["object"]))
    (before, input_object), (after, output_object) = sides
    made = Transform(
        call.sql or "",
        input=before,
        output=after,
        input_object=input_object,
        output_object=output_object,
        params=call.parameters,
    )
    if made.digest != call.arguments["digest"]:
        raise _unrunnable("the transform is not the one that was approved", "load the gate that approved it")
    return made


def _connected(engine: Any, source: Any, call: Call, caps: Caps) -> tuple[duckdb.DuckDBPyConnection, bool]:
    """A connection that is locked down, and whether it is ours to close."""
    if isinstance(source, engine.DuckDBPyConnection):
        _lock(source)
        return source, False
    if isinstance(source, str | os.PathLike):
        connection = engine.connect(os.fspath(source), read_only=True)
    elif isinstance(source, Mapping):
        connection = engine.connect(":memory:")
        try:
            _fill(connection, source, call)
        except BaseException:
            connection.close()
            raise
    else:
        message = f"a `{type(source).__name__}` is nothing that a query runs on"
        raise _unrunnable(message, "give a mapping of names to frames, a DuckDB connection, or a file's path")
    _cap(connection, caps)
    _lock(connection)
    return connection, True


def _fill(connection: Any, frames: Mapping[str, Any], call: Call) -> None:
    """Makes a view of each frame that the query reads."""
    for position, read in enumerate(call.arguments["tables"]):
        name: str = read["table"]
        if name not in frames:
            message = f"there is no frame for `{visible(name)}`, which the query reads"
            raise _unrunnable(message, "name each frame as the gate's `relations` do")
        registered = f"guard_frame_{position}"
        connection.register(registered, _arrow.to_polars(frames[name]))
        parts = name.split(".")
        for depth in range(1, len(parts)):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(parts[depth - 1])}")
        connection.execute(f"CREATE VIEW {'.'.join(map(_quoted, parts))} AS SELECT * FROM {_quoted(registered)}")


def _cap(connection: Any, caps: Caps) -> None:
    """Bounds a database of ours. A file that another query has open in this process keeps the bounds of that one."""
    ((locked,),) = connection.execute("SELECT current_setting('lock_configuration')::VARCHAR").fetchall()
    if locked.lower() != "true":
        connection.execute(f"SET memory_limit = '{caps.memory_bytes}B'")
        connection.execute("SET temp_directory = ''")


def _lock(connection: Any) -> None:
    """Locks a connection's database down. One that is locked already must be locked as this would have done it."""
    for name, value in LOCKS.items():
        ((found,),) = connection.execute("SELECT current_setting(?)::VARCHAR", [name]).fetchall()
        if found.lower() not in {value, "1" if value == "true" else "0"}:
            connection.execute(f"SET {name} = {value}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _engine() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise _unrunnable("queries run on DuckDB, which is not installed", 'pip install "guard_nb[duckdb]"') from error
    return duckdb


def _no_frame(why: str) -> UsageError:
    help_ = "give columns names of their own, and cast types that polars lacks"
    return _unrunnable(f"the result is no frame: {why}", help_)


def _out_of_range(name: str, given: float) -> UsageError:
    return UsageError(f"`{name}` cannot be {given}", code="limit-out-of-range", help="leave it out for the usual one")


def _unrunnable(message: str, help_: str) -> UsageError:
    return UsageError(message, code="query-unrunnable", help=help_)
