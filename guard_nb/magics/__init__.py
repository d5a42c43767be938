"""The notebook's guard: `%%guard CONTRACT` on a cell, `%guard CONTRACT` as its first line, `%%transform` and more.

`load` and `unload` are what `%load_ext guard_nb` and `%unload_ext guard_nb` call. What a guard line means is in the
help of the magic (`%%guard?`), how it works in `guard_nb.magics.transform`.
"""

from __future__ import annotations

from typing import Any

from guard_nb.magics.commands import guard
from guard_nb.magics.complete import guard_matcher
from guard_nb.magics.transform import GuardLines, GuardNodes
from guard_nb.magics.transforms import transform

MATCHER = "guard_nb.guard_line"


def load(shell: Any) -> None:
    """Adds the transformers, the magic and the completions. Twice is as good as once."""
    unload(shell)
    shell.input_transformers_cleanup.append(GuardLines())
    shell.ast_transformers.append(GuardNodes())
    shell.register_magic_function(guard, "line_cell", "guard")
    shell.register_magic_function(transform, "cell", "transform")
    if getattr(shell, "Completer", None) is not None:
        shell.Completer.custom_matchers.append(guard_matcher)


def unload(shell: Any) -> None:
    """Takes all of it away, also what an earlier version of this module left."""
    for transformers in (shell.input_transformers_cleanup, shell.ast_transformers):
        transformers[:] = [each for each in transformers if not getattr(each, "guard_nb", False)]
    for kind in ("line", "cell"):
        for name in ("guard", "transform"):
            shell.magics_manager.magics[kind].pop(name, None)
    if getattr(shell, "Completer", None) is not None:
        matchers = shell.Completer.custom_matchers
        matchers[:] = [each for each in matchers if getattr(each, "matcher_identifier", "") != MATCHER]
