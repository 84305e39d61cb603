"""Find the names that a script's text uses, without running it.

The prelude holds only what the script names, so the words of the text are enough. A word too many
(from a comment, say) only makes the prelude longer. Python's own parser is not used here: it is older
than the sandbox's (3.11 does not read the f-strings of 3.12), and a hostile text can exhaust it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W\d]\w*")
_CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)\s*\(")
_MENTIONED = re.compile(r"(?<![\w.'\"])([^\W\d]\w*)(?![\w'\"])(?!\s*=(?!=))")
_SET = re.compile(r"(?<![\w.])([^\W\d]\w*)\s*=(?!=)")
_ATTRIBUTE = re.compile(r"\.[\s\\]*([^\W\d]\w*)(\s*\()?")

_ASSIGNED = re.compile(r"\.[\s\\]*([^\W\d_]\w*)\s*=(?!=)")

_DYNAMIC = frozenset({"getattr", "hasattr", "eval", "exec", "attrgetter", "methodcaller", "dir"})
_GUARDS = frozenset({"try", "with", "suppress"})


@dataclass(frozen=True)
class Reading:
    """The names in a script's text.

    `words` is every identifier, `attributes` those after a dot, `called` the attributes that are
    called, `assigned` the attributes that are assigned.

    `functions` may be functions that the script did not define itself, in order: names that are called,
    or mentioned and never set. (`customer` occurs in many a text as a setter, a key or a variable, and
    seldom as the function.)

    `dynamic`: the script may make names while it runs, so all of them have to be defined. `guarded`: it
    may catch the error of a wrong setter.
    """

    words: frozenset[str]
    attributes: frozenset[str]
    called: frozenset[str]
    assigned: frozenset[str]
    functions: tuple[str, ...]
    dynamic: bool
    guarded: bool

    def names(self, name: str) -> bool:
        return self.dynamic or name in self.words


@lru_cache(maxsize=256)
def read(source: str) -> Reading:
    """Read a script's text. The last few are kept, since a worker runs the same flows again."""
    words = frozenset(_WORD.findall(source))
    attributes = _ATTRIBUTE.findall(source)
    set_here = frozenset(_SET.findall(source))
    mentioned = [name for name in _MENTIONED.findall(source) if name not in set_here]
    return Reading(
        words=words,
        attributes=frozenset(name for name, _ in attributes),
        called=frozenset(name for name, bracket in attributes if bracket),
        assigned=frozenset(_ASSIGNED.findall(source)),
        functions=tuple(dict.fromkeys([*_CALLED.findall(source), *mentioned])),
        dynamic=not words.isdisjoint(_DYNAMIC),
        guarded=not words.isdisjoint(_GUARDS),
    )
