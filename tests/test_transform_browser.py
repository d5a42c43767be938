"""Names, texts and values of a transform are somebody else's: what is shown of them, loaded in a real browser."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guard_nb as gn
from guard_nb import _explain_html
from guard_nb.magics import parts
from test_report_browser import CONTRAST, HOSTILE, POLICY, assert_inert, blank, chromium, inspect

__all__ = ["blank", "chromium"]  # fixtures

pytestmark = pytest.mark.browser


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def shown(texts: list[str]) -> list[dict[str, Any]]:
    """The explanation and the counts of a transform whose columns, items, literals and values are the texts."""
    frame = pl.DataFrame({name: [0, 1] for name in texts} | {"v": [texts[0], texts[-1]]})
    items = [f"1 / {quoted(name)} AS {quoted(name)}" for name in texts]
    items += [f"concat(v, {literal(text)}) AS {quoted(text + '2')}" for text in texts]
    items.append("CAST(v AS BIGINT) AS number")
    properties = [{"name": text, "logicalType": "integer", "required": True} for text in [*texts, "number"]]
    document = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "h",
        "version": "1.0.0",
        "status": "active",
        "schema": [{"name": texts[0], "properties": properties}],
    }
    contract = gn.Contract.loads(json.dumps(document))
    sql = f"SELECT {', '.join(items)} FROM input WHERE v <> {literal('x')}"
    made = gn.Transform(sql, input=frame, output=contract)
    free = gn.Transform(sql, input=frame)
    counts, sample = parts.counted(free, free.run(frame))
    assert counts["quarantined"] == 2
    notes = [f"Bound {text}" for text in texts]
    return [_explain_html.bundle(made.report(frame), None, texts[0]), _explain_html.ran(counts, sample, notes)]


@pytest.mark.parametrize("policy", ["", POLICY], ids=["without a policy", "under a policy"])
def test_hostile_names_and_values_are_text(blank: Any, policy: str):
    for start in range(0, len(HOSTILE), 4):
        for bundle in shown(HOSTILE[start : start + 4]):
            assert_inert(inspect(blank, bundle["text/html"], policy))
            assert not {char for char in bundle["text/plain"] if not char.isprintable()} - {"\n"}


@settings(max_examples=15)
@given(
    st.lists(
        st.text(alphabet=st.sampled_from("<>&\"'`/=ab :;-!x\u202e\x1b\n"), min_size=2, max_size=30),
        min_size=1,
        max_size=3,
        unique_by=lambda text: text.lower(),
    )
)
def test_any_markup_is_text(blank: Any, texts: list[str]):
    for bundle in shown([f"t{text}" for text in texts]):
        assert_inert(inspect(blank, bundle["text/html"], ""))


def test_readable_in_both_themes(chromium: Any):
    for bundle in shown(["a", "b"]):
        assert len(bundle["text/html"].encode()) <= 8_000
        for scheme in ("light", "dark"):
            context = chromium.new_context(color_scheme=scheme)
            page = context.new_page()
            page.set_content(
                f"<!doctype html><style>:root{{color-scheme:light dark}}</style><body>{bundle['text/html']}"
            )
            assert page.evaluate(CONTRAST) >= 4.5, scheme
            context.close()
