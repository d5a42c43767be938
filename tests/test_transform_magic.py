"""`%%transform` in process: what it asks for, shows, binds and refuses."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import guard_nb as gn
from guard_nb.errors import UsageError
from guard_nb.magics import load, unload
from guard_nb.magics.transform_line import FLAGS, read_transform
from guard_nb.session import ledger

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: qty, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, maximum: 1000}}
      - {name: price, logicalType: number, required: true, logicalTypeOptions: {minimum: 0, maximum: 100}}
  - name: unit
    properties:
      - {name: each, logicalType: number, required: true, logicalTypeOptions: {maximum: 50}}
"""
EACH = "SELECT price / qty AS each FROM orders"
REPORT, RAN, VERDICT = (f"application/vnd.guard-nb.{name}.v1+json" for name in ("transform", "transformed", "verdict"))


@pytest.fixture(scope="module")
def session() -> Iterator[InteractiveShell]:
    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    load(shell)
    yield shell
    unload(shell)
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(session: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    monkeypatch.chdir(tmp_path)
    Path("shop.odcs.yaml").write_text(CONTRACT)
    session.reset(new_session=False)
    session.user_ns |= {
        "pl": pl,
        "orders": pl.DataFrame({"qty": [2, 4], "price": [3.0, 8.0]}),
        "faulty": pl.DataFrame({"qty": [2, 0, 1], "price": [3.0, 1.0, 80.0]}),
    }
    return session


class Ran:
    """The end of a cell: its error, and what it displayed."""

    def __init__(self, shell: InteractiveShell, cell: str) -> None:
        with capture_output() as captured:
            result = shell.run_cell(cell, store_history=True)
        self.error: Any = result.error_before_exec or result.error_in_exec
        self.bundles: list[dict[str, Any]] = [output.data for output in captured.outputs]
        self.text = captured.stdout + "\n".join(bundle.get("text/plain", "") for bundle in self.bundles)

    def of(self, mime: str) -> dict[str, Any]:
        (found,) = [bundle for bundle in self.bundles if mime in bundle]
        return found


# The line


def test_the_line_is_read():
    line = read_transform("a -> b --contract c --params x,y=z --rejects bad --mode quarantine --quiet")
    assert (line.source, line.target, line.contract, line.params) == ("a", "b", "c", {"x": "x", "y": "z"})
    assert (line.rejects, line.mode, line.quiet, line.explain) == ("bad", "quarantine", True, False)
    assert read_transform("a->b").target == "b"
    assert read_transform("a --explain").target is None
    assert read_transform("a -> a").target == "a"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "a",
        "a ->",
        "-> b",
        "a -> b c",
        "a b -> c",
        "a -> 1b",
        "a -> class",
        "a -> b --contract",
        "a -> b --contrct c",
        "a -> b --mode lax",
        "a -> b --mode quarantine",
        "a -> b --rejects b",
        "a -> b --rejects a",
        "a -> b --object o",
        "a -> b --input-object o",
        "a -> b --quiet --quiet",
        "a -> b --quiet=1",
        "a -> b --params =x",
        "a -> b --save 'x",
    ],
)
def test_lines_that_are_refused(shell: InteractiveShell, line: str):
    with pytest.raises(UsageError):
        read_transform(line)
    assert isinstance(Ran(shell, f"%%transform {line}\nSELECT 1 AS x FROM input").error, UsageError)


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(text: str):
    with contextlib.suppress(UsageError):
        assert read_transform(text).source.isidentifier()


def test_the_help_names_every_flag(shell: InteractiveShell):
    from guard_nb.magics.transforms import transform

    assert [flag for flag in FLAGS if flag not in (transform.__doc__ or "")] == []


# What comes of it


def test_it_explains_runs_and_binds(shell: InteractiveShell):
    ran = Ran(shell, f"%%transform orders -> units --contract shop --object unit --input-contract shop\n{EACH}")
    assert ran.error is None
    assert shell.user_ns["units"]["each"].to_list() == [1.5, 2.0]
    explained, counts, verdict = ran.bundles
    assert explained[REPORT]["report"]["items"][0]["faults"][0] == "division-by-zero"
    assert "NULLIF" in explained["text/plain"]
    assert counts[RAN] | {"notes": []} == {
        "records": 2,
        "output": 2,
        "quarantined": 0,
        "leftOut": 0,
        "reasons": [],
        "sample": [],
        "notes": [],
    }
    assert verdict[VERDICT]["verdict"]["status"] == "accept"
    assert all(len(bundle["text/html"].encode()) <= 8_000 for bundle in ran.bundles)


def test_from_takes_the_variables_name_and_input(shell: InteractiveShell):
    for table in ("orders", "input"):
        assert Ran(shell, f"%%transform orders -> x\nSELECT qty FROM {table}").error is None
    assert Ran(shell, "%%transform orders -> x\nSELECT qty FROM others").error.code == "column-unknown"


def test_a_rejected_output_is_not_bound(shell: InteractiveShell):
    shell.user_ns["units"] = "stale"
    ran = Ran(shell, "%%transform faulty -> units --contract shop --object unit\nSELECT price AS each FROM faulty")
    assert isinstance(ran.error, gn.GuardViolation)
    assert "units" not in shell.user_ns
    assert ran.of(VERDICT)[VERDICT]["verdict"]["records"]["rejected"] == 1


def test_failed_records_stop_it_unless_they_are_taken(shell: InteractiveShell):
    ran = Ran(shell, "%%transform faulty -> units\nSELECT price / qty AS each FROM input")
    assert isinstance(ran.error, gn.QuarantineError)
    assert ran.error.code == "records-quarantined"
    assert ran.error.transformed.quarantined["guard_record"].to_list() == [1]
    assert "units" not in shell.user_ns
    taken = Ran(shell, "%%transform faulty -> units --rejects bad\nSELECT price / qty AS each FROM input")
    assert taken.error is None
    assert shell.user_ns["units"]["each"].to_list() == [1.5, 80.0]
    assert shell.user_ns["bad"].row(0) == (0, 1.0, 1, "division-by-zero", "each")
    assert taken.of(RAN)[RAN]["reasons"] == [{"item": "each", "code": "division-by-zero", "count": 1}]
    assert "record 1: each division-by-zero" in taken.text
    assert "qty 0" in taken.text


def test_the_verdict_stops_it_even_when_failed_records_are_taken(shell: InteractiveShell):
    ran = Ran(
        shell, f"%%transform faulty -> u --rejects bad --contract shop --object unit\n{EACH.replace('orders', 'input')}"
    )
    assert isinstance(ran.error, gn.GuardViolation)
    assert "u" not in shell.user_ns
    assert shell.user_ns["bad"].height == 1


@pytest.mark.parametrize("lazy", [False, True])
def test_quarantine_parts_everything(shell: InteractiveShell, lazy: bool):
    frame = pl.DataFrame({"qty": [2, 0, 1, 5, 1], "price": [3.0, 1.0, 80.0, -1.0, 90.0]})
    shell.user_ns["mixed"] = frame.lazy() if lazy else frame
    flags = "--mode quarantine --rejects bad --contract shop --object unit"
    ran = Ran(shell, f"%%transform mixed -> units {flags}\nSELECT price / qty AS each FROM mixed WHERE price > 0")
    assert ran.error is None
    assert shell.user_ns["units"]["each"].to_list() == [1.5]
    bad = shell.user_ns["bad"]
    assert bad.columns == ["qty", "price", "guard_record", "guard_code", "guard_item", "guard_clauses"]
    assert bad.select("qty", "guard_record", "guard_code").rows() == [
        (0, 1, "division-by-zero"),
        (1, 2, None),
        (1, 4, None),
    ]
    assert bad["guard_clauses"].to_list() == [None, ["unit.each.maximum"], ["unit.each.maximum"]]
    assert 1 + bad.height + ran.of(RAN)[RAN]["leftOut"] == 5


def test_warn_binds_all_the_same(shell: InteractiveShell):
    ran = Ran(
        shell, "%%transform faulty -> u --mode warn --contract shop --object unit\nSELECT price AS each FROM faulty"
    )
    assert (ran.error, shell.user_ns["u"].height) == (None, 3)
    ran = Ran(shell, "%%transform faulty -> u --mode warn\nSELECT 1 / qty AS each FROM faulty")
    assert (ran.error, shell.user_ns["u"].height) == (None, 2)


def test_a_relation_runs_once(shell: InteractiveShell):
    class Relation:
        columns = ("qty", "price")
        runs = 0

        def to_arrow_table(self) -> object:
            Relation.runs += 1
            return pl.DataFrame({"qty": [2, 4], "price": [3.0, 8.0]}).to_arrow()

    shell.user_ns["relation"] = Relation()
    assert Ran(shell, "%%transform relation -> u\nSELECT price / qty AS each FROM relation").error is None
    assert (Relation.runs, shell.user_ns["u"]["each"].to_list()) == (1, [1.5, 2.0])


def test_pandas_is_taken(shell: InteractiveShell):
    shell.user_ns["panda"] = shell.user_ns["orders"].to_pandas()
    assert Ran(shell, "%%transform panda -> u\nSELECT price / qty AS each FROM panda").error is None
    assert shell.user_ns["u"]["each"].to_list() == [1.5, 2.0]


def test_explain_runs_nothing(shell: InteractiveShell):
    before = len(ledger().entries)
    shell.user_ns["units"] = "kept"
    ran = Ran(shell, "%%transform faulty -> units --explain\nSELECT 1 / qty AS each FROM faulty")
    assert (ran.error, shell.user_ns["units"], len(ran.bundles)) == (None, "kept", 1)
    assert Ran(shell, "%%transform faulty --explain\nSELECT 1 / qty AS each FROM faulty").error is None
    assert len(ledger().entries) == before
    assert Ran(shell, "%%transform faulty --explain\nSELECT nothing FROM faulty").error is not None


def test_impossible_clauses_stop_before_running(shell: InteractiveShell):
    ran = Ran(shell, "%%transform orders -> u --contract shop --object unit\nSELECT 99.5 AS each FROM orders")
    assert ran.error.code == "clause-impossible"
    assert [REPORT in bundle for bundle in ran.bundles] == [True]
    assert "✗" in ran.text
    assert "u" not in shell.user_ns


def test_quiet_shows_counts_only(shell: InteractiveShell):
    flags = "--quiet --contract shop --object unit"
    ran = Ran(shell, f"%%transform orders -> u {flags}\n{EACH}")
    assert [RAN in bundle for bundle in ran.bundles] == [True]
    ran = Ran(shell, f"%%transform faulty -> u {flags} --mode warn\nSELECT price AS each FROM input")
    assert [VERDICT in bundle for bundle in ran.bundles] == [False, True]


def test_it_saves_what_it_ran(shell: InteractiveShell):
    assert Ran(shell, f"%%transform orders -> u --save t.json --contract shop --object unit\n{EACH}").error is None
    again = gn.Transform.load("t.json")
    assert again.run(shell.user_ns["orders"]).output.equals(shell.user_ns["u"])


# Parameters


def test_parameters_are_the_users_variables(shell: InteractiveShell):
    shell.user_ns |= {"most": 2, "other": 4, "unused": object()}
    sql = "SELECT qty FROM orders WHERE qty <= :most AND 'a:b' <> ':unused'"
    assert Ran(shell, f"%%transform orders -> u\n{sql}").error is None
    assert shell.user_ns["u"]["qty"].to_list() == [2]
    assert Ran(shell, f"%%transform orders -> u --params most=other\n{sql}").error is None
    assert shell.user_ns["u"]["qty"].to_list() == [2, 4]


def test_missing_parameters_say_what_to_do(shell: InteractiveShell):
    ran = Ran(shell, "%%transform orders -> u\nSELECT qty FROM orders\nWHERE qty < :least")
    assert ran.error.code == "parameter-unbound"
    assert "variable `least`" in ran.error.help
    assert ran.error.line == 2
    assert (
        Ran(shell, "%%transform orders -> u --params least=nothing\nSELECT qty FROM orders").error.code
        == "variable-unknown"
    )
    shell.user_ns["least"] = object()
    ran = Ran(shell, "%%transform orders -> u\nSELECT qty FROM orders WHERE qty < :least")
    assert ran.error.code == "param-unreadable"


def test_parameters_and_braces_are_never_text(shell: InteractiveShell):
    shell.user_ns["name"] = "' OR TRUE OR '"
    ran = Ran(shell, "%%transform orders -> u\nSELECT qty FROM orders WHERE '{name}' = :name OR '$name' = :name")
    assert (ran.error, shell.user_ns["u"].height) == (None, 0)


# Mistakes and the ledger


def test_syntax_errors_show_the_place(shell: InteractiveShell):
    ran = Ran(shell, "%%transform orders -> u\nSELECT qty,\n       pricee * 2 AS p\nFROM orders")
    assert isinstance(ran.error, gn.ExpressionError)
    shown = "\n".join(ran.error._render_traceback_())
    assert "2 |        pricee * 2 AS p" in shown
    assert "^" in shown
    assert "did you mean" in shown or "`price`" in shown


def test_frames_that_are_not_there(shell: InteractiveShell):
    ran = Ran(shell, "%%transform ordrs -> u\nSELECT qty FROM input")
    assert "did you mean `orders`" in str(ran.error)
    shell.user_ns["number"] = 5
    assert isinstance(Ran(shell, "%%transform number -> u\nSELECT qty FROM input").error, gn.FrameError)


def test_the_ledger_knows_each(shell: InteractiveShell):
    before = len(ledger().entries)
    Ran(shell, "%%transform orders -> u\nSELECT qty FROM orders")
    Ran(shell, "%%transform faulty -> u --rejects bad\nSELECT 1 / qty AS q FROM faulty")
    Ran(shell, "%%transform faulty -> u\nSELECT 1 / qty AS q FROM faulty")
    Ran(shell, "%%transform faulty -> u --contract shop --object unit\nSELECT price AS each FROM faulty")
    Ran(shell, "%%transform orders -> u\nSELECT nothing FROM orders")
    entries = ledger().entries[before:]
    assert [entry.status for entry in entries] == ["accept", "quarantined", "quarantined", "reject", "error"]
    assert [entry.accepted for entry in entries] == [True, False, False, False, False]
    status = Ran(shell, "%guard status").text
    assert "orders → u" in status
    assert "3 → 2 · 1 quarantined" in status


def test_capture_hides_nothing(shell: InteractiveShell):
    assert isinstance(
        Ran(shell, "%%capture\n%%transform faulty -> u\nSELECT 1 / qty AS q FROM faulty").error, gn.QuarantineError
    )
    assert Ran(shell, "%%capture\n%%transform orders -> u\nSELECT qty FROM orders").error is None
    assert Ran(shell, "%%capture\n%%transform orders --explain\nSELECT qty FROM orders").error is None


def test_classified_values_are_not_shown(shell: InteractiveShell):
    Path("secret.odcs.yaml").write_text(
        CONTRACT.replace("{name: qty,", "{name: qty, classification: restricted,").replace("id: shop", "id: secret")
    )
    flags = "--rejects bad --input-contract secret --input-object orders"
    ran = Ran(shell, f"%%transform faulty -> u {flags}\nSELECT price / qty AS q FROM input")
    assert ran.error is None
    assert ran.of(RAN)[RAN]["sample"] == [{"record": 1, "item": "q", "code": "division-by-zero", "values": {}}]


# The language at hand


def test_functions(shell: InteractiveShell):
    listed = Ran(shell, "%guard functions").text
    assert all(each.name in listed for each in gn.functions())
    assert "round(" in Ran(shell, "%guard functions ROUND").text
    assert "did you mean `round`" in str(Ran(shell, "%guard functions ruond").error)


def test_suggestions(shell: InteractiveShell):
    frame = pl.select(begun=pl.int_range(0, 1000) * 7919 % 1000, took=pl.int_range(0, 1000) * 31 % 97)
    shell.user_ns["many"] = frame.with_columns(done=pl.col("begun") + pl.col("took") + 1)
    text = Ran(shell, "%guard suggest many").text
    assert "begun < done" in text
    assert "quality:" in text
    assert isinstance(Ran(shell, "%guard suggest").error, UsageError)
    assert isinstance(Ran(shell, "%guard suggest nothing").error, UsageError)


def test_rules_are_explained_before_they_judge(shell: InteractiveShell):
    shell.user_ns["most"] = 5
    assert "division-by-zero" in Ran(shell, "%guard rule orders price / qty > :most").text
    over = Ran(shell, "%guard rule shop/orders qty * 2 <= 2000").text
    assert "0 to 2000" in over
    assert Ran(shell, "%guard rule shop qty > 1").error.code == "object-unclear"
    assert Ran(shell, "%guard rule orders qtty > 1").error.code == "column-unknown"
    assert isinstance(Ran(shell, "%guard rule orders").error, UsageError)


def test_guarded_cells_bind_parameters_of_rules(shell: InteractiveShell):
    Path("rules.odcs.yaml").write_text("""
apiVersion: v3.1.0
kind: DataContract
id: rules
version: 1.0.0
status: active
schema:
  - name: orders
    properties: [{name: qty, logicalType: integer}]
    quality: [{type: custom, engine: guard_nb, implementation: "qty <= :most"}]
""")
    shell.user_ns |= {"most": 3, "more": 9}
    assert isinstance(Ran(shell, "%%guard rules --params most\norders").error, gn.GuardViolation)
    assert Ran(shell, "%%guard rules --params most=more\norders").error is None
    assert isinstance(Ran(shell, "%%guard rules\norders").error, gn.GuardViolation), "an unbound rule is not executed"
