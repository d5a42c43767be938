"""Contenders measured side by side: same process, same run, answers compared before times."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Answer = dict[str, int]

GUARD = "guard_nb"


class AnswersDiffer(Exception):
    """A contender gave another count than the generator's truth: no times are worth reading."""


@dataclass
class Contender:
    """One way to judge a frame. `run` returns failing values by check; everything prepared once is outside it."""

    name: str
    run: Callable[[], Answer]
    max_rounds: int | None = None


@dataclass
class Times:
    """Wall seconds and CPU seconds (all threads) of each round."""

    name: str
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def least(self) -> float:
        """Least wall time: the one that noise touched least."""
        return min(self.wall)

    @property
    def median(self) -> float:
        """Median wall time."""
        return statistics.median(self.wall)

    def as_dict(self) -> dict[str, object]:
        """For the raw results."""
        return {"name": self.name, "wall": self.wall, "cpu": self.cpu, "min": self.least, "median": self.median}


@dataclass
class Case:
    """A measured case and the ratios it should reach. `goals`: peer → peer's time / guard_nb's time."""

    workload: str
    name: str
    about: str
    times: list[Times]
    goals: dict[str, float] = field(default_factory=dict)
    limit: float | None = None
    """Most seconds that guard_nb may take."""
    by_median: bool = False
    """Compare medians: where a disk is now slow and now fast, a minimum is luck."""

    def of(self, name: str) -> Times | None:
        """Times of a contender."""
        return next((times for times in self.times if times.name == name), None)

    def ratio(self, peer: str) -> float | None:
        """Peer's least time over ours, or its median over ours."""
        mine, theirs = self.of(GUARD), self.of(peer)
        if not mine or not theirs:
            return None
        return theirs.median / mine.median if self.by_median else theirs.least / mine.least


def measure(contenders: list[Contender], truth: Answer, rounds: int, budget: float, calls: int = 1) -> list[Times]:
    """Warms each contender up, compares its answer with `truth`, then alternates between them.

    A contender leaves the rotation after `rounds`, after its own `max_rounds`, or once it has used `budget` seconds
    (three rounds at least). `calls` repeats make one round, for work too short for the clock.
    """
    for contender in contenders:
        answer = contender.run()
        if answer != truth:
            wrong = {
                key: (answer.get(key), truth.get(key)) for key in {*answer, *truth} if answer.get(key) != truth.get(key)
            }
            raise AnswersDiffer(f"{contender.name}: (answer, truth) by check: {wrong}")
    times = {contender.name: Times(contender.name) for contender in contenders}
    for done in range(rounds):
        for contender in contenders:
            mine = times[contender.name]
            if contender.max_rounds is not None and done >= contender.max_rounds:
                continue
            if done >= min(3, rounds) and sum(mine.wall) * calls > budget:
                continue
            wall, cpu = once(contender.run, calls)
            mine.wall.append(wall / calls)
            mine.cpu.append(cpu / calls)
    return list(times.values())


def once(run: Callable[[], object], calls: int) -> tuple[float, float]:
    """Wall and CPU seconds of `calls` calls, the collector out of the way."""
    gc.collect()
    gc.disable()
    try:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(calls):
            run()
        return time.perf_counter() - wall, time.process_time() - cpu
    finally:
        gc.enable()
