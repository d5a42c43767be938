"""The guard line is read or refused, and the transformers touch nothing but guarded cells."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard_nb.errors import UsageError
from guard_nb.magics.line import FLAGS, GuardLine, read_line
from guard_nb.magics.transform import GuardLines, GuardNodes


def test_every_flag_is_read():
    line = read_line(
        "shop --as ok --rejects bad --mode quarantine --on x --quiet --object orders "
        "--references customers,planes=my_planes --as-of 2026-01-01T00:00:00Z ;"
    )
    assert line == GuardLine(
        contract="shop",
        accepted="ok",
        rejects="bad",
        mode="quarantine",
        on="x",
        quiet=True,
        silent=True,
        object="orders",
        references={"customers": "customers", "planes": "my_planes"},
        as_of="2026-01-01T00:00:00Z",
    )
    assert read_line("shop --sample 10_000").sample == 10_000
    assert read_line("'my contracts/shop.odcs.yaml'").contract == "my contracts/shop.odcs.yaml"


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "guard-line", "names no contract"),
        ("a b", "guard-line", "`b` is too much"),
        ("a 'b", "guard-line", "cannot be read"),
        ("a \\", "guard-line", "cannot be read"),
        ("a --moed warn", "guard-flag", "did you mean `--mode`"),
        ("a --mode wran", "mode-unknown", "did you mean `warn`"),
        ("a --mode", "guard-flag", "needs a value"),
        ("a --as --quiet", "guard-flag", "needs a value"),
        ("a --as x --as y", "guard-flag", "twice"),
        ("a --as class", "guard-flag", "no variable name"),
        ("a --as x.y", "guard-flag", "no variable name"),
        ("a --as x --rejects x", "guard-flag", "same variable"),
        ("a --mode quarantine", "guard-flag", "no name"),
        ("a --sample 0", "guard-flag", "no count"),
        ("a --sample -1", "guard-flag", "no count"),
        ("a --sample ²", "guard-flag", "no count"),
        ("a --sample 5 --as ok", "guard-flag", "cannot be parted"),
        ("a --quiet=no", "guard-flag", "takes no value"),
        ("a --references a,,b", "guard-flag", "cannot be read"),
    ],
)
def test_a_line_that_is_not_understood_is_refused(text: str, code: str, said: str):
    with pytest.raises(UsageError) as caught:
        read_line(text)
    assert caught.value.code == code
    assert said in str(caught.value)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*FLAGS, "a", "b", ";", "=", "warn", "3"]), max_size=8).map(" ".join)
)
def test_any_line_is_read_or_refused(text: str):
    try:
        line = read_line(text)
    except UsageError:
        return
    assert line.contract
    assert line.mode in ("enforce", "quarantine", "warn")


# The transformers


@given(st.lists(st.text(alphabet="ab%#\\ ;\n'\"guard", max_size=20), max_size=5))
def test_lines_are_kept_and_twice_is_once(texts: list[str]):
    lines = "\n".join(texts).splitlines(keepends=True)
    once = GuardLines()(lines)
    assert len(once) == len(lines)
    assert GuardLines()(once) == once


@pytest.mark.parametrize("line", ["%%guardian x", "%%guard?", "%guards", "x = '%%guard a'", "# %%guard a", "%%time"])
def test_other_lines_stay(line: str):
    lines = [f"{line}\n", "x\n"]
    assert GuardLines()(lines) == lines


def test_other_cells_stay():
    for source in (
        "",
        "x",
        "get_ipython().run_line_magic('guard', 'status')\nx",
        "get_ipython().run_cell_magic('time', '', 'x')",
    ):
        tree = ast.parse(source)
        assert ast.dump(GuardNodes().visit(ast.parse(source))) == ast.dump(tree)
