"""`%%transform` in real kernels: it stops every runner, shows what it knows, completes."""

from __future__ import annotations

from pathlib import Path

import pytest
from runners import RUNNERS, Kernel
from test_kernel import complete, plain

REPORT, RAN, VERDICT = (f"application/vnd.guard-nb.{name}.v1+json" for name in ("transform", "transformed", "verdict"))
HEAD = "%%transform good -> out --contract t"
STOPS = {
    "output rejected": "%%transform bad -> out --contract t\nSELECT a FROM bad",
    "records fail": "%%transform good -> out\nSELECT 1 / (a - 1) AS a FROM good",
    "syntax": f"{HEAD}\nSELECT a, FROM good",
    "parameter missing": f"{HEAD}\nSELECT a FROM good WHERE a < :absent",
    "impossible": f"{HEAD}\nSELECT 'x' AS a FROM good",
    "under capture": "%%capture\n%%transform bad -> out --contract t\nSELECT a FROM bad",
    "under time": "%%time\n%%transform bad -> out --contract t\nSELECT a FROM bad",
}
GOES = {
    "accepted": f"{HEAD}\nSELECT a FROM good",
    "taken": "%%transform good -> out --rejects rest\nSELECT 1 / (a - 1) AS a FROM good",
    "under time": f"%%time\n{HEAD}\nSELECT a FROM good",
    "explained": f"{HEAD} --explain\nSELECT a FROM good",
}


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["kernel", "nbclient"])
@pytest.mark.parametrize("cell", STOPS)
def test_what_stops_a_run(runner: str, cell: str, tmp_path: Path):
    run = RUNNERS[runner](STOPS[cell], tmp_path)
    assert run.error is not None
    assert not run.went_on


@pytest.mark.slow
@pytest.mark.parametrize("cell", GOES)
def test_what_lets_it_go_on(cell: str, tmp_path: Path):
    assert RUNNERS["nbclient"](GOES[cell], tmp_path).went_on


def test_three_displays(kernel: Kernel):
    cell = kernel.run(f"{HEAD}\nSELECT a FROM good")
    assert cell.error is None
    shown = cell.of("display_data")
    assert [mime in each["data"] for each, mime in zip(shown, (REPORT, RAN, VERDICT), strict=True)] == [True] * 3
    assert kernel.run("assert out['a'].to_list() == [1, 2]").error is None


def test_parameters_come_from_the_kernel(kernel: Kernel):
    kernel.run("most = 1")
    assert kernel.run("%%transform good -> few\nSELECT a FROM good WHERE a <= :most").error is None
    assert kernel.run("assert few['a'].to_list() == [1]").error is None


def test_errors_are_short_and_show_the_place(kernel: Kernel):
    (error,) = kernel.run("%%transform good -> out\nSELECT a,\n  uper(a) AS b\nFROM good").of("error")
    text = plain("\n".join(error["traceback"]))
    assert "2 |   uper(a) AS b" in text
    assert "did you mean `upper`" in text
    assert len(error["traceback"]) <= 12
    assert kernel.run("out").error in (None, "NameError")


def test_a_failure_leaves_nothing_bound(kernel: Kernel):
    kernel.run("left = 1")
    assert kernel.run("%%transform bad -> left --contract t\nSELECT a FROM bad").error == "GuardViolation"
    assert kernel.run("left").error == "NameError"


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("%%transform go", "%%transform good"),
        ("%%transform good -> x --mo", "%%transform good -> x --mode"),
        ("%%transform good -> x --mode qu", "%%transform good -> x --mode quarantine"),
        ("%%transform good -> x --contract ", "%%transform good -> x --contract t"),
        ("%%transform good -> x\nSELECT roun", "%%transform good -> x\nSELECT round("),
        ("%%transform good -> x\nSELECT ", "%%transform good -> x\nSELECT a"),
        ("%%transform good -> x\nselect a fr", "%%transform good -> x\nselect a FROM input"),
        ("%guard functions rou", "%guard functions round"),
        ("%guard suggest go", "%guard suggest good"),
        ("%guard rule ba", "%guard rule bad"),
    ],
)
def test_completion(kernel: Kernel, typed: str, wanted: str):
    assert wanted in complete(kernel, typed)


def test_help(kernel: Kernel):
    assert "%%transform" in kernel.run("%lsmagic").text
    reply = kernel.reply(kernel.client.execute("%%transform?"))["content"]
    assert "--rejects NAME" in reply["payload"][0]["data"]["text/plain"]
