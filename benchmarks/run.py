"""Measures guard_nb beside its peers: `python benchmarks/run.py [--quick] [--only NAME]`.

Prints tables, writes docs/benchmarks.md (full runs only) and raw times to benchmarks/results/. Ends with 1 if a
contender's answer is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
warnings.simplefilter("ignore")

from benchmarks import facts, report, workloads  # noqa: E402
from benchmarks.timing import AnswersDiffer, Case  # noqa: E402


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 M rows and few rounds")
    parser.add_argument("--only", choices=sorted(workloads.ALL), action="append", help="this workload; may be repeated")
    parser.add_argument("--docs", action="store_true", help="write docs/benchmarks.md even from a quick or partial run")
    return parser.parse_args()


def main() -> int:
    """Runs the workloads."""
    options = arguments()
    machine = facts.facts()
    print(", ".join(f"{key} {value}" for key, value in machine.items()))
    cases: list[Case] = []
    loads = [facts.load()]
    try:
        for name in options.only or workloads.ALL:
            for case in workloads.ALL[name](options.quick):
                cases.append(case)
                loads.append(facts.load())
                print(f"\n{report.terminal(case)}\n  load average {loads[-1]:.1f}", flush=True)
    except AnswersDiffer as wrong:
        print(f"answers differ: {wrong}", file=sys.stderr)
        return 1
    load = sum(loads) / len(loads)
    keep(cases, machine, load)
    if options.docs or not (options.quick or options.only):
        (ROOT / "docs" / "benchmarks.md").write_text(report.document(cases, machine, load), encoding="utf-8")
        print("\nwrote docs/benchmarks.md")
    return 0


def keep(cases: list[Case], machine: dict[str, str], load: float) -> None:
    """Raw times of every round."""
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    raw = [
        {"workload": case.workload, "name": case.name, "times": [times.as_dict() for times in case.times]}
        for case in cases
    ]
    document = {"facts": machine, "load": load, "cases": raw}
    (folder / "latest.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
