"""The type check of flows: the sandbox's own checker (ty), against the stubs that editors use.

A checked text is not run: the sandbox checks the whole of it before it runs the first line, and that
line ends it. Most of a check's cost is the stubs, so all flows share one session with one text of
them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Any, Self

import pydantic_monty

from .diagnostic import Diagnostics, Typed
from .finding import TOP
from .stubs import BOUND

_STOP = f"{BOUND}checked"
_ANY = f"{BOUND}any"
_DATA = f"{BOUND}data"
_OWN = f"\n{_STOP}: bool\ndef {_ANY}() -> Any: ...\n"

SECONDS = 10.0
"""What one text may take; it is given up then. A thousand lines take some milliseconds."""


class TypeCheck:
    """Checks one text after the other against the same stubs. To be used in a `with`."""

    def __init__(self, stubs: str, seconds: float = SECONDS) -> None:
        self._stubs = stubs + _OWN
        self._diagnostics = Diagnostics(stubs)
        self._pool = pydantic_monty.Monty(
            max_processes=1, checkout_timeout=seconds, request_timeout=seconds
        )
        self._session: pydantic_monty.MontySession | None = None

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            self._session.__exit__(None, None, None)
        self._pool.__exit__(kind, error, traceback)

    def findings(self, source: str, answer: str | None, bound: Iterable[str]) -> Iterator[Typed]:
        """What is wrong with the types of a text that can be read.

        `answer` is the type of its `parsed_data`, if it is known. `bound` are those names of the
        stubs that it uses and that the stubs hold under another name: see stubs.py.
        """
        names = {name: f"{BOUND}{name}" for name in bound} | {"parsed_data": _DATA}
        before = f"if {_STOP}: raise StopIteration\n{_DATA}: {answer or 'Any'} = {_ANY}()\n"
        before += "".join(f"{name} = {value}\n" for name, value in names.items())
        found = self._said(before + source)
        if found is None:
            yield Typed(
                TOP, "", "its types were not checked: the type checker gave up on it", False
            )
        for said in found or ():
            typed = self._diagnostics.typed(said, before.count("\n"))
            if typed is not None:
                yield typed

    def _said(self, text: str) -> list[dict[str, Any]] | None:
        """The checker's diagnostics; None if it gave up."""
        try:
            if self._session is None:
                self._session = self._pool.checkout(
                    type_check=True,
                    type_check_stubs=self._stubs,
                    type_check_format="jsonlines",
                )
                self._session.__enter__()
            self._session.feed_run(text, inputs={_STOP: True})
        except pydantic_monty.MontyTypingError as error:
            return [json.loads(line) for line in error.display().splitlines()]
        except pydantic_monty.MontyCrashedError:
            # The checker gave up on this text; the others get another process.
            self._session = None
            return None
        except pydantic_monty.MontyError:
            pass  # the line that ends it: nothing is wrong
        return []
