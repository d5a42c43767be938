"""A slow, plain reading of docs/spec: what the kernels are measured against. It never imports the native module."""

from oracle.arrow import Frame, Type, parse_type
from oracle.canonical import canonical, digest
from oracle.judge import OracleError, Part, judge

__all__ = ["Frame", "OracleError", "Part", "Type", "canonical", "digest", "judge", "parse_type"]
