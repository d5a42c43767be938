"""How hypothesis draws: the same cases in every run, so that a red run can be had again; others when asked to explore. Shared fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ingesting import Ingesting

# `make explore CASES=…` sets it.
_CASES = os.environ.get("GUARD_NB_PROPERTY_CASES")

settings.register_profile(
    "fixed", deadline=None, max_examples=200, derandomize=True, suppress_health_check=list(HealthCheck)
)
settings.register_profile("explore", settings.get_profile("fixed"), derandomize=False, max_examples=int(_CASES or 1))
settings.load_profile("explore" if _CASES else "fixed")


@pytest.fixture
def ingest(tmp_path: Path) -> Ingesting:
    """Ingestions with a quarantine file in the test's folder."""
    return Ingesting(tmp_path)
