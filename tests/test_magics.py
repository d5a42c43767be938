"""The guard line, the transformers and what a guarded cell finds, in process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import guard_nb as gn
from command import guard_nb_call
from guard_nb.errors import UsageError
from guard_nb.magics import find, load, show, unload
from guard_nb.session import ledger
from guard_nb.verdict import MIME

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer, required: true, unique: true}
      - {name: customer, logicalType: integer, relationships: [{to: customers.id}]}
  - name: customers
    properties:
      - {name: id, logicalType: integer, primaryKey: true, required: true}
"""


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
    """A shell in a folder with the contract `shop`, two good frames and a bad one."""
    monkeypatch.chdir(tmp_path)
    Path("shop.odcs.yaml").write_text(CONTRACT)
    session.reset(new_session=False)
    session.user_ns |= {
        "pl": pl,
        "orders": pl.DataFrame({"id": [1, 2], "customer": [7, 8]}),
        "bad": pl.DataFrame({"id": [1, 1, None, 4], "customer": [7, 8, 9, 7]}),
        "customers": pl.DataFrame({"id": [7, 8]}),
    }
    return session


class Ran:
    """The end of a cell: its error, and what it displayed."""

    def __init__(self, shell: InteractiveShell, cell: str) -> None:
        with capture_output() as captured:
            result = shell.run_cell(cell, store_history=True)
        self.error = result.error_before_exec or result.error_in_exec
        self.result = result.result
        self.text = captured.stdout + "".join(output.data.get("text/plain", "") for output in captured.outputs)
        self.bundles = [output.data for output in captured.outputs]


# What is judged


def test_a_cell_and_the_shell_give_one_digest(shell: InteractiveShell):
    """The cell's contract on the command line: the same document, byte for byte."""
    Path("shop.odcs.yaml").write_text(CONTRACT.replace("relationships: [{to: customers.id}]", "required: true"))
    shell.user_ns["bad"].write_parquet("bad.parquet")
    cell = "%%guard shop --object orders --mode warn\nread = pl.read_parquet('bad.parquet')"
    displayed = next(bundle[MIME] for bundle in Ran(shell, cell).bundles if MIME in bundle)
    said = guard_nb_call(
        "check", "shop.odcs.yaml", "bad.parquet", "--object", "orders", "--format", "json", folder=Path.cwd()
    )
    document = said.stdout.removesuffix(b"\n")
    assert displayed["digest"] == f"sha256:{hashlib.sha256(document).hexdigest()}"
    assert displayed["verdict"] == json.loads(document)
    assert displayed["verdict"]["records"] == {"total": 4, "accepted": 1, "rejected": 3, "unknown": 0}


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("x = orders", "x"),
        ("x = y = orders", "y"),
        ("x: object = orders", "x"),
        ("d = {}\nd['k'] = orders", "d"),
        ("x = orders\nx += 0", "x"),
    ],
)
def test_assignments_are_judged(shell: InteractiveShell, cell: str, name: str):
    assert Ran(shell, f"%%guard shop --object orders\n{cell}").error is None
    ran = Ran(shell, f"%%guard shop --object orders\n{cell.replace('orders', 'bad')}")
    assert isinstance(ran.error, gn.GuardViolation)
    assert name in shell.user_ns


@pytest.mark.parametrize(
    "cell",
    [
        "x, y = orders, 1",
        "[x] = [orders]",
        "for x in [orders]: x",
        "import os",
        "def f(): return orders",
        "x: int",
        "pass",
        "",
        "# x",
    ],
)
def test_a_cell_without_a_value_is_refused(shell: InteractiveShell, cell: str):
    ran = Ran(shell, f"%%guard shop --object orders\n{cell}")
    assert isinstance(ran.error, UsageError)
    assert ran.error.code == "nothing-checked"


def test_on_names_what_is_checked(shell: InteractiveShell):
    assert Ran(shell, "%%guard shop --on orders\nx = 1\nfor _ in (): pass").error is None
    assert Ran(shell, "%%guard shop --on orders\na, b = 1, 2").error is None
    assert Ran(shell, "%%guard shop --on orders\n40 + 2").result == 42
    fresh = Ran(shell, "%%guard shop --on orders\norders = bad")
    assert isinstance(fresh.error, gn.GuardViolation), "the value after the last line counts"
    near = Ran(shell, "%%guard shop --on odrers\n1")
    assert "did you mean `orders`" in str(near.error)
    assert isinstance(Ran(shell, "%%guard shop --on orders").error, UsageError), "an empty cell stays an error"


# What is found


def test_references_come_from_variables(shell: InteractiveShell):
    ran = Ran(shell, "%%guard shop\norders")
    assert ran.error is None
    assert "`customers`" in ran.text
    del shell.user_ns["customers"]
    unknown = Ran(shell, "%%guard shop\norders")
    assert isinstance(unknown.error, gn.GuardViolation)
    assert unknown.error.verdict.status == "unknown"
    shell.user_ns["people"] = pl.DataFrame({"id": [7, 8]})
    assert Ran(shell, "%%guard shop --references customers=people\norders").error is None
    assert isinstance(Ran(shell, "%%guard shop --references customers\norders").error, UsageError)


def test_the_object_is_the_variables_or_asked_for(shell: InteractiveShell):
    unclear = Ran(shell, "%%guard shop\nframe = orders")
    assert unclear.error.code == "object-unclear"
    assert "orders, customers" in str(unclear.error)
    assert Ran(shell, "%%guard shop\norders = orders.head(1)").error is None
    assert Ran(shell, "%%guard shop --object odrers\norders").error.code == "object-unknown"


def test_contracts_by_variable_path_and_name(shell: InteractiveShell):
    shell.user_ns["mine"] = gn.Contract.loads(CONTRACT)
    assert Ran(shell, "%%guard mine\norders").error is None
    assert Ran(shell, "%%guard shop.odcs.yaml\norders").error is None
    unknown = Ran(shell, "%%guard shpo\nran = 1\norders")
    assert "ran" not in shell.user_ns, "a mistake costs nothing"
    assert unknown.error.code == "contract-unknown"
    assert "did you mean `shop`" in str(unknown.error)


def test_a_contract_that_does_not_load_shows_where(shell: InteractiveShell):
    Path("torn.odcs.yaml").write_text(CONTRACT.replace("to: customers.id", "to: customers.nobody"))
    ran = Ran(shell, "%%guard torn\norders")
    assert isinstance(ran.error, gn.ContractError)
    shown = "\n".join(ran.error._render_traceback_())
    assert "11:" in shown
    assert "nobody" in shown


@pytest.mark.parametrize("value", ["3", "None", "'text'", "[1, 2]", "pl", "orders['id'].to_list()"])
def test_what_is_no_frame_is_refused(shell: InteractiveShell, value: str):
    ran = Ran(shell, f"%%guard shop --object orders\n{value}")
    assert isinstance(ran.error, gn.FrameError)
    assert len(ran.error._render_traceback_()) <= 4


def test_a_stream_is_not_used_up(shell: InteractiveShell):
    shell.user_ns["reader"] = pa.table({"id": [1], "customer": [7]}).to_reader()
    assert isinstance(Ran(shell, "%%guard shop --object orders\nreader").error, gn.FrameError)
    assert shell.user_ns["reader"].read_all().num_rows == 1


def test_a_mixed_column_says_why(shell: InteractiveShell):
    shell.user_ns["mixed"] = pd.DataFrame({"id": [1, "x"], "customer": [7, 7]})
    ran = Ran(shell, "%%guard shop --object orders\nmixed")
    assert isinstance(ran.error, gn.FrameError)
    assert "because" in "\n".join(ran.error._render_traceback_())


def test_frames_of_other_libraries(shell: InteractiveShell):
    table = pa.table({"id": [1, 2], "customer": [7, 8]})
    for frame in (table, table.to_pandas(), pl.from_arrow(table).lazy()):
        shell.user_ns["frame"] = frame
        ran = Ran(shell, "%%guard shop --object orders\nframe")
        assert ran.error is None
        assert ran.result is frame


def test_what_counts_as_a_frame():
    assert find.is_frame(pl.DataFrame())
    assert find.is_frame(pl.LazyFrame())
    assert find.is_frame(pa.table({}))
    for other in (pl, pl.DataFrame, pl.Series(), 3, "x", [1], pa.table({"a": [1]}).to_reader()):
        assert not find.is_frame(other)


# Modes and flags


def test_quarantine_binds_the_parts(shell: InteractiveShell):
    ran = Ran(shell, "%%guard shop --object orders --mode quarantine --as ok --rejects no\nframe = bad")
    assert ran.error is None
    assert shell.user_ns["ok"].rows() == [(4, 7)]
    assert shell.user_ns["no"]["id"].to_list() == [1, 1, None]
    assert shell.user_ns["frame"] is shell.user_ns["bad"], "the guarded value flows on whole"
    assert "1 accepted" in ran.text


def test_enforce_leaves_nothing_stale(shell: InteractiveShell):
    shell.user_ns["ok"] = "stale"
    ran = Ran(shell, "%%guard shop --object orders --as ok --rejects no\nbad")
    assert isinstance(ran.error, gn.GuardViolation)
    assert "ok" not in shell.user_ns
    assert shell.user_ns["no"].height == 3


def test_warn_reports_and_goes_on(shell: InteractiveShell):
    ran = Ran(shell, "%%guard shop --object orders --mode warn\nframe = bad")
    assert ran.error is None
    assert "reject" in ran.text
    assert not ledger().entries[-1].accepted


def test_a_sample_never_counts_as_accepted(shell: InteractiveShell):
    ran = Ran(shell, "%%guard shop --sample 1\norders")
    assert ran.error is None
    assert "A sample" in ran.text
    entry = ledger().entries[-1]
    assert (entry.status, entry.accepted, entry.verdict.records) == ("sampled", False, 1)
    assert isinstance(Ran(shell, "%%guard shop --object orders --sample 2\nbad").error, gn.GuardViolation)
    assert ledger().entries[-1].status == "sampled"
    assert Ran(shell, "%%guard shop --object orders --sample 1\nbad.lazy()").error is None


def test_silence_is_for_the_report_only(shell: InteractiveShell):
    assert Ran(shell, "%%guard shop\norders;").text == ""
    assert "reject" in Ran(shell, "%%guard shop --object orders --mode warn\nbad;").text
    assert isinstance(Ran(shell, "%%guard shop --object orders\nbad;").error, gn.GuardViolation)
    assert Ran(shell, "%%guard shop --quiet\nx = 1; orders = orders").text == ""
    assert "reject" in Ran(shell, "%%guard shop --quiet --object orders --mode warn\nx = bad").text


def test_a_service_level_needs_its_instant(shell: InteractiveShell):
    ran = Ran(shell, "%%guard shop --as-of yesterday\norders")
    assert isinstance(ran.error, gn.GuardError)
    assert not isinstance(ran.error, gn.GuardViolation)


# Commands


def test_status_has_a_line_for_each_cell(shell: InteractiveShell):
    before = len(ledger().entries)
    Ran(shell, "%%guard shop\norders")
    Ran(shell, "%%guard shop --object orders\nbad")
    Ran(shell, "%%guard shop\n1/0\norders")
    Ran(shell, "%%guard nothing\norders")
    lines = Ran(shell, "%guard status").text.strip().splitlines()[before:]
    assert [line.split()[3] for line in lines[:2]] == ["accept", "reject"]
    assert "not checked" in lines[2]
    assert "error" in lines[3]
    assert lines[4].endswith("accepted")


def test_explain(shell: InteractiveShell):
    Ran(shell, "%%guard shop --object orders --mode warn\nx = bad")
    number = ledger().entries[-1].number
    Ran(shell, "%%guard shop\norders")
    assert "✓ accept" in Ran(shell, "%guard explain").text
    assert "✗ reject" in Ran(shell, f"%guard explain {number}").text
    for wrong in ("0", "x", "-1"):
        assert isinstance(Ran(shell, f"%guard explain {wrong}").error, UsageError)


def test_list(shell: InteractiveShell):
    Path("torn.odcs.yaml").write_text("kind: [")
    lines = Ran(shell, "%guard list").text.strip().splitlines()
    assert [line.split()[0] for line in lines] == ["shop", "torn"]
    assert "error" in lines[1]


def test_check_at_once(shell: InteractiveShell):
    assert Ran(shell, "x = 1\n%guard check orders shop").error is None
    assert isinstance(Ran(shell, "%guard check bad shop --object orders").error, gn.GuardViolation)
    assert Ran(shell, "%guard check bad shop --object orders --mode warn").error is None
    for wrong in ("", "orders", "nobody shop", "orders shop --on bad", "3 shop"):
        assert isinstance(Ran(shell, f"%guard check {wrong}").error, UsageError)


@pytest.mark.parametrize("line", ["%guard", "%guard nonsense", "%guard status now", "%guard list x"])
def test_a_command_that_is_none_is_refused(shell: InteractiveShell, line: str):
    assert isinstance(Ran(shell, f"x = 1\n{line}").error, UsageError)


# Safety of what is shown


def test_errors_do_not_act_on_a_terminal(shell: InteractiveShell):
    ran = Ran(shell, "%%guard 'sh\u202eop\x1b[31m'\norders")
    shown = "\n".join(ran.error._render_traceback_())
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@given(st.text())
def test_visible_text_is_printable(text: str):
    assert show.visible(text).isprintable()


@given(st.text())
def test_notes_are_inert(text: str):
    marked = show._marked(text).replace("<code>", "").replace("</code>", "")
    assert "<" not in marked
    assert ">" not in marked


def test_the_chart(shell: InteractiveShell):
    verdict = gn.Contract.loads(CONTRACT).check(shell.user_ns["bad"], "orders")
    bundle = verdict.chart()._repr_mimebundle_()
    spec = bundle["application/vnd.vegalite.v5+json"]
    (rows,) = spec["datasets"].values()
    assert {row["clause"]: (row["outcome"], row["failing"]) for row in rows} == {
        "id: required": ("fail", 1),
        "id: unique": ("fail", 2),
        "customer: foreign key → customers.id": ("unknown", 0),
    }
    assert "v5" in spec["$schema"]
    wider = verdict.chart().properties(width=900)
    assert wider._repr_mimebundle_()["application/vnd.vegalite.v5+json"]["width"] == 900
    with pytest.raises(UsageError, match="chart-unknown"):
        verdict.chart("pie")


RULES = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties: [{name: a}, {name: b}]
    quality:
      - {id: ratio, type: custom, engine: guard_nb, implementation: {rule: "a / b > 1.5"}}
      - {id: whole, type: custom, engine: guard_nb, implementation: {rule: "a / b >= 0"}}
      - {id: lost, type: custom, engine: guard_nb, implementation: {rule: "c > 0"}}
"""


def test_undecided_records_are_counted_apart():
    frame = pl.DataFrame({"a": [4, 1, 1, 0], "b": [2, 1, 0, 0]})
    verdict = gn.Contract.loads(RULES).check(frame)
    clauses = verdict.clauses.filter(pl.col("kind") == "rowRule")
    assert clauses.select("outcome", "failing", "undecided").rows() == [
        ("fail", 1, 2),
        ("unknown", 0, 2),
        ("unknown", None, None),
    ]
    assert verdict.violations.select("clause", "outcome", "code", "record", "failing", "undecided").rows() == [
        ("orders.quality.ratio", "fail", "rule-violated", 1, 1, 2),
        ("orders.quality.ratio", "unknown", "division-by-zero", 2, 1, 2),
        ("orders.quality.ratio", "unknown", "division-by-zero", 3, 1, 2),
        ("orders.quality.whole", "unknown", "division-by-zero", 2, 0, 2),
        ("orders.quality.whole", "unknown", "division-by-zero", 3, 0, 2),
    ]


def test_the_chart_of_undecided_records():
    frame = pl.DataFrame({"a": [4, 1, 1, 0], "b": [2, 1, 0, 0]})
    chart = gn.Contract.loads(RULES).check(frame).chart()
    (rows,) = chart._repr_mimebundle_()["application/vnd.vegalite.v5+json"]["datasets"].values()
    assert [(row["clause"], row["outcome"], row["share"]) for row in rows] == [
        ("row rule", "unknown", 1.0),
        ("a, b: row rule (orders.quality.ratio)", "fail", 0.25),
        ("a, b: row rule (orders.quality.ratio)", "unknown", 0.5),
        ("a, b: row rule (orders.quality.whole)", "unknown", 0.5),
    ]
    assert "2 of 4 undecided: division-by-zero" in repr(chart)
    assert repr(chart).endswith("2 of 5 clauses pass")


def test_the_line_that_finds_a_rule_s_records_works(shell: InteractiveShell):
    frame = pl.DataFrame({"a": [4, 1, 1, 0], "b": [2, 1, 0, 0]})
    contract = gn.Contract.loads(RULES)
    told = contract.check(frame).to_text().splitlines()
    look = [line.partition("look at them: ")[2] for line in told if "look at them" in line]
    records = [eval(line, {"contract": contract, "frame": frame, "pl": pl})["guard_record"].to_list() for line in look]
    assert records == [[1, 2, 3], [2, 3]]


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame({"a\0b": [1]}),
        pl.LazyFrame({"a\0b": [1]}),
        pl.DataFrame({"a": [[{"x\0": 1}]]}),
    ],
)
def test_a_name_with_a_nul_does_not_end_the_process(frame: pl.DataFrame | pl.LazyFrame):
    contract = gn.Contract.loads(CONTRACT)
    with pytest.raises(gn.FrameError, match="NUL"):
        contract.check(frame, "orders")
    with pytest.raises(gn.FrameError, match="NUL"):
        contract.split(frame, "orders")
    with pytest.raises(gn.FrameError, match="NUL"):
        contract.partial(frame, object="orders")
