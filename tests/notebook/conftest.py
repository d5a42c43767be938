"""Kernels import the guard_nb that the tests import, and leave the user's profile alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import runners

import guard_nb


@pytest.fixture(scope="session", autouse=True)
def kernel_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Environment of every kernel and command."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(guard_nb.__file__).parent.parent), prepend=":")
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield


@pytest.fixture(scope="module")
def kernel() -> Iterator[runners.Kernel]:
    """One kernel for a module, set up with `t`, `good` and `bad`."""
    with runners.Kernel() as running:
        assert running.run(runners.SETUP).error is None
        yield running
