"""Wrong use gives one exception family, a code of the table and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

import guard_nb as gn

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - {name: id, logicalType: integer}
"""
FRAME = pl.DataFrame({"id": [1, 2]})


class Broken:
    """A frame whose stream breaks."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        def batches() -> Any:
            yield pa.record_batch({"id": [1]})
            raise OSError("the disk is gone")

        reader = pa.RecordBatchReader.from_batches(pa.schema({"id": pa.int64()}), batches())
        return reader.__arrow_c_stream__(requested_schema)


def contract() -> gn.Contract:
    return gn.Contract.loads(CONTRACT)


CASES: dict[str, tuple[type[gn.GuardError], Callable[[], object]]] = {
    "not-a-frame": (gn.FrameError, lambda: contract().check(42)),
    "frame-unreadable": (gn.FrameError, lambda: contract().check(Broken())),
    "object-unknown": (gn.UsageError, lambda: contract().check(FRAME, "planes")),
    "as-of-unreadable": (gn.UsageError, lambda: contract().check(FRAME, as_of="yesterday")),
    "verdict-unreadable": (gn.UsageError, lambda: gn.Verdict.from_json("{}")),
    "partial-unreadable": (gn.MergeError, lambda: gn.Partial.from_bytes(contract().partial(FRAME).to_bytes()[:-1])),
    "parts-overlap": (gn.MergeError, lambda: gn.merge(*[contract().partial(FRAME)] * 2).verdict()),
    "parts-differ": (
        gn.MergeError,
        lambda: gn.merge(
            contract().partial(FRAME),
            gn.Contract.loads(CONTRACT + "  - name: other\n").partial(FRAME, start=2, object="orders"),
        ),
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_wrong_use_is_explained(code: str) -> None:
    kind, use = CASES[code]
    with pytest.raises(gn.GuardError) as caught:
        use()
    assert isinstance(caught.value, kind)
    assert caught.value.code == code
    assert caught.value.help == gn.codes(code)[0].help or caught.value.help
    assert str(caught.value)[0] != str(caught.value)[0].upper() or str(caught.value).startswith("`")
