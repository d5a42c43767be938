"""The page of what a query policy can allow says what gates do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.mark.usefixtures("scripts")
def test_the_page_is_fresh() -> None:
    import query_page

    assert (ROOT / "docs" / "reference" / "queries.md").read_text(encoding="utf-8") == query_page.page()


@pytest.mark.usefixtures("scripts")
def test_every_function_is_on_it_and_can_be_allowed_where_it_says() -> None:
    import query_page

    kinds = query_page.table()
    source = query_page.TABLE.read_text(encoding="utf-8")
    assert sum(len(names) for names in kinds.values()) == source.count(", Kind::") > 100
    for names in kinds.values():
        for name, marks in names.items():
            some = [any(other[name][at] for other in kinds.values() if name in other) for at in range(len(marks))]
            assert [query_page.allowable(dialect, name) for dialect in query_page.DIALECTS] == some, name
