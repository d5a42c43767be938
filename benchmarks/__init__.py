"""Speed of guard_nb beside its peers; `python benchmarks/run.py` measures and writes docs/benchmarks.md."""
