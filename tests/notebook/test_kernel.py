"""Guarded cells in a real kernel: values, line numbers, the ledger, loading, interruption, completion."""

from __future__ import annotations

import json
import re

import pytest
from runners import SETUP, Kernel

VERDICT = "application/vnd.guard-nb.verdict.v1+json"


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_the_value_flows_on(kernel: Kernel):
    cell = kernel.run("%%guard t\ngood")
    assert cell.error is None
    assert [output["type"] for output in cell.outputs if "data" in output] == ["display_data", "execute_result"]
    number = cell.reply["execution_count"]
    assert kernel.run(f"assert Out[{number}] is good").error is None


def test_the_report_has_three_forms_and_is_small(kernel: Kernel):
    (report,) = kernel.run("%%guard t --mode warn\nx = bad").of("display_data")
    assert set(report["data"]) == {VERDICT, "text/html", "text/plain"}
    assert len(report["data"]["text/html"].encode()) <= 8_000
    assert report["data"][VERDICT]["verdict"]["status"] == "reject"


def test_an_assignment_that_is_rejected_binds_nothing(kernel: Kernel):
    assert kernel.run("%%guard t\nnever = bad").error == "GuardViolation"
    assert kernel.run("never").error == "NameError"


@pytest.mark.parametrize("line", ["%%guard t", "%guard t"])
def test_traceback_lines_are_those_of_the_cell(kernel: Kernel, line: str):
    for number in (2, 3, 5):
        body = ["pass"] * 5
        body[number - 2] = "1 / 0"
        cell = kernel.run("\n".join([line, *body, "good"]))
        assert cell.error == "ZeroDivisionError"
        assert f", line {number}" in plain(cell.text)


def test_a_fault_in_the_last_expression_has_its_line(kernel: Kernel):
    cell = kernel.run("%%guard t\n\n(\n  good\n  .nothing()\n)")
    assert cell.error == "AttributeError"
    assert ", line 5" in plain(cell.text)


def test_a_violation_is_a_short_error(kernel: Kernel):
    (error,) = kernel.run("%%guard t\nbad").of("error")
    assert 2 <= len(error["traceback"]) <= 12
    assert "required" in "\n".join(error["traceback"])


def test_capture_hides_nothing(kernel: Kernel):
    before = kernel.run("import guard_nb.session as s; print(len(s.ledger().entries))").text
    cell = kernel.run("%%capture held\n%%guard t\nbad")
    assert cell.error == "GuardViolation"
    last = kernel.run("%guard status").text.strip().splitlines()[-2]
    assert last.split()[:4] == [str(int(before) + 1), f"[{cell.reply['execution_count']}]", "✗", "reject"]


def test_a_magic_that_swallows_is_seen_through(kernel: Kernel):
    kernel.run(
        "from IPython.core.magic import register_cell_magic\n"
        "@register_cell_magic\n"
        "def hush(line, cell):\n"
        "    get_ipython().run_cell(cell)\n"
    )
    assert kernel.run("%%hush\n%%guard t\nbad").error == "GuardViolation"
    assert kernel.run("%%hush\n%%guard t\n1/0\nbad").error == "UsageError"
    assert kernel.run("%%hush\n%%guard t\ngood").error is None
    assert kernel.run("%%time\n%%hush\n%%guard t\nbad").error == "GuardViolation"


def test_a_magic_that_never_runs_its_body_does_not_pass(kernel: Kernel):
    kernel.run(
        "from IPython.core.magic import register_cell_magic\n@register_cell_magic\ndef lose(line, cell):\n    pass\n"
    )
    assert kernel.run("%%lose\n%%guard t\ngood").error == "UsageError"


def test_cell_magics_that_only_mention_a_guard_are_left_alone(kernel: Kernel):
    assert kernel.run("%%capture\n%guard status").error is None
    assert kernel.run("%%capture\nx = 1\ntext = '''\n%%guard t\n'''").error is None
    assert kernel.run("%%capture\n# first\n%guard t\nbad").error == "GuardViolation"


def test_nothing_guards_below_the_first_line(kernel: Kernel):
    assert kernel.run("x = good\n%guard t\nx").error == "UsageError"
    assert kernel.run("x = good\n%%guard t\nx").error is not None
    assert kernel.run("if True:\n    %guard t\ngood").error == "UsageError"
    assert kernel.run("y = %guard t").error == "UsageError"


def test_without_the_ast_transformer_the_cell_fails(kernel: Kernel):
    kernel.run("kept = get_ipython().ast_transformers[:]; get_ipython().ast_transformers.clear()")
    try:
        assert kernel.run("%%guard t\ngood").error == "UsageError"
    finally:
        assert kernel.run("get_ipython().ast_transformers[:] = kept").error is None
    assert kernel.run("%%guard t\ngood").error is None


def test_await(kernel: Kernel):
    assert kernel.run("%%guard t\nawait asyncio.sleep(0, good)").error is None
    assert kernel.run("%%guard t\nx = await asyncio.sleep(0, bad)").error == "GuardViolation"
    missing = kernel.run("%%guard t\nasyncio.sleep(0, good)")
    assert missing.error == "FrameError"
    assert "await" in missing.text


def test_time_composes(kernel: Kernel):
    cell = kernel.run("%%time\n%%guard t\ngood")
    assert cell.error is None
    assert "Wall time" in cell.text
    assert VERDICT in cell.of("display_data")[0]["data"]


LOADED = """
import json, guard_nb
shell = get_ipython()
counts = [sum(getattr(each, "guard_nb", False) for each in list_) for list_ in (
    shell.input_transformers_cleanup, shell.ast_transformers)]
counts.append(sum("guard_nb" in getattr(each, "matcher_identifier", "") for each in shell.Completer.custom_matchers))
counts += [int("guard" in shell.magics_manager.magics[kind]) for kind in ("line", "cell")]
print(json.dumps(counts))
"""


def test_loading_twice_reloading_and_unloading():
    with Kernel() as kernel:
        kernel.run(SETUP)
        for command in ("%load_ext guard_nb", "%reload_ext guard_nb", "guard_nb.load_ipython_extension(get_ipython())"):
            assert kernel.run(f"import guard_nb\n{command}").error is None
            assert json.loads(kernel.run(LOADED).text) == [1, 1, 1, 1, 1]
            assert kernel.run("%%guard t\nbad").error == "GuardViolation"
        kernel.run("%unload_ext guard_nb")
        assert json.loads(kernel.run(LOADED).text) == [0, 0, 0, 0, 0]
        unguarded = kernel.run("%%guard t\nprint('ran')\ngood")
        assert "ran" not in unguarded.text
        assert "UsageError" in unguarded.text


def test_not_loaded_stops_what_follows():
    with Kernel() as kernel:
        waiting = [kernel.client.execute(source) for source in ("%%guard t\n1", "after = 1")]
        statuses = [kernel.reply(message)["content"]["status"] for message in waiting]
        assert statuses == ["error", "aborted"]


BIG = """
pattern = "{pattern: '^(a|b)*[c-e]+$'}"
clauses = "\\n".join(
    f"      - {{name: c{i}, logicalType: string, logicalTypeOptions: {pattern}}}" for i in range(400))
big_contract = gn.Contract.loads(f'''
apiVersion: v3.1.0
kind: DataContract
id: big
version: 1.0.0
status: active
schema:
  - name: big
    properties:
{clauses}
''')
digits = pl.int_range(0, 2_000_000).cast(pl.String)
column = pl.select(pl.concat_str(pl.lit("abababababababababababab"), digits)).to_series()
big = pl.DataFrame({f"c{i}": column for i in range(400)})
"""


@pytest.mark.slow
def test_an_interrupted_check_ends_and_the_kernel_lives(kernel: Kernel):
    assert kernel.run(BIG).error is None
    interrupted = []

    def interrupt(output: dict) -> None:
        if output["type"] == "display_data" and not interrupted:
            interrupted.append(output["data"]["text/plain"])
            kernel.manager.interrupt_kernel()

    cell = kernel.run("%%guard big_contract\nbig", interrupt)
    assert interrupted[0].startswith("checking big/big")
    assert cell.error == "KeyboardInterrupt"
    assert "ended: KeyboardInterrupt" in cell.of("update_display_data")[-1]["data"]["text/plain"]
    assert "KeyboardInterrupt" in kernel.run("%guard status").text.strip().splitlines()[-2]
    assert kernel.run("del big; print(1 + 1)").text.strip() == "2"


@pytest.mark.slow
def test_progress_is_replaced_by_the_report(kernel: Kernel):
    kernel.run(BIG.replace("400", "40").replace("big", "some"))
    cell = kernel.run("%%guard some_contract --mode warn\nx = some")
    assert len(cell.of("display_data")) == 1, "one display only"
    last = (cell.of("update_display_data") or cell.of("display_data"))[-1]
    assert VERDICT in last["data"]


def complete(kernel: Kernel, code: str) -> list[str]:
    reply = kernel.reply(kernel.client.complete(code, len(code)))["content"]
    return [code[: reply["cursor_start"]] + match for match in reply["matches"]]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("%%guard ", "%%guard t"),
        ("%guard st", "%guard status"),
        ("%%guard t --mo", "%%guard t --mode"),
        ("%%guard t --mode qu", "%%guard t --mode quarantine"),
        ("%%guard t --mode=qu", "%%guard t --mode=quarantine"),
        ("%%guard t --on go", "%%guard t --on good"),
        ("%guard check ba", "%guard check bad"),
        ("%guard check bad ", "%guard check bad t"),
    ],
)
def test_completion(kernel: Kernel, typed: str, wanted: str):
    assert wanted in complete(kernel, typed)


def test_the_body_is_completed_as_python(kernel: Kernel):
    assert any(match.endswith("with_columns") for match in complete(kernel, "%%guard t\ngood.with_col"))
    assert not any("--mode" in match for match in complete(kernel, "%%guard t\n--mo"))


def test_help_and_listing(kernel: Kernel):
    assert "%%guard" in kernel.run("%lsmagic").text
    reply = kernel.reply(kernel.client.execute("%%guard?"))["content"]
    assert "--mode MODE" in reply["payload"][0]["data"]["text/plain"]
