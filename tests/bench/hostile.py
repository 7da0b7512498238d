# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Output that is hard to parse, at each place of a session, with its cost: CPU time and the longest block of the loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import raw_command
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import Identity, read_identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.pending import find_pending_changes
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import read_cloud_service
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import AsyncOSError
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

PROMPT = "esa1.example.com> "
SHAPES = {
    "one line": "x",
    "blanks": " ",
    "line ends": "\n",
    "CR LF": "\r\n",
    "carriage returns": "\r",
    "overwritten lines": "text\r",
    "backspaces after text": "x" * 32768 + "\b" * 32768,
    "backspace by backspace": "x\b",
    "two back, one on": "\b\bx",
    "NUL": "\0",
    "dashes": "-",
    "dashes with blanks": "- ",
    "pager": "-Press Any Key For More-",
    "pager on lines": "-Press Any Key For More-\r\n",
    "half a pager": "-Press Any Key For Mor",
    "unfinished control sequences": "\x1b[",
    "unfinished titles": "\x1b]0;title",
    "colours": "\x1b[1m.\x1b[0m",
    "open brackets": "[",
    "questions on one line": "[Y]> ",
    "questions": "[Y]> \r\n",
    "prompts on one line": PROMPT,
    "prompts": f"{PROMPT}\r\n",
    "half a prompt": "(Machine a.",
    "labels": "a.",
    "menu": "- ENABLE - To enable the service.\r\n",
    "menu on one line": "- ENABLE ",
    "numbers": "1 ",
    "servers": "1. EUROPE (api.eu.sse.itd.cisco.com)\r\n",
    "servers on one line": "1. a.b.c (d.e.f) ",
    "fields": "Model: C100V\r\n",
    "field on one line": "Model :",
    "server sentences": "the current server is ",
    "refusals": "password configuration limit ",
    "words": "a ",
    "wide characters": "\N{HIRAGANA LETTER A} ",
}
MENU_END = "[]> "
MEGABYTE = 1_000_000
PACKET = 32768


class Flood:
    """A terminal that answers the line ``at`` (None: the log-in) with ``size`` characters of a shape, in pieces, and ``end``."""

    def __init__(self, shape: str, size: int, at: str | None, piece: int, end: str) -> None:
        self._shape = shape * (piece // len(shape) + 2)
        self._length = len(shape)
        self._size = size
        self._at = at
        self._piece = piece
        self._output: list[str] = []
        self._left = 0
        self._end = end
        self._arrived = asyncio.Event()
        self._answer(None, f"\r\n{PROMPT}")

    def _answer(self, line: str | None, text: str) -> None:
        if line == self._at:
            self._left = self._size
        self._output.append(text)
        self._arrived.set()

    def write(self, text: str) -> None:
        line = text.removesuffix("\n")
        self._answer(line, f"{line}\r\n{self._end if line == self._at else PROMPT}")

    async def read(self) -> str:
        if self._left > 0:
            start, count = (self._size - self._left) % self._length, min(self._left, self._piece)
            self._left -= count
            return self._shape[start : start + count]
        while not self._output:
            self._arrived.clear()
            await self._arrived.wait()
        return self._output.pop(0)

    async def close(self) -> None:
        self._left = 0


IDENTITY = Identity("ESA", "C100V", "14.0.0-698", "1")
PLACES: dict[str, tuple[str | None, Callable[[Session], Awaitable[object]]]] = {
    "log-in": (None, read_identity),
    "version": ("version", read_identity),
    "showchanges": ("showchanges", find_pending_changes),
    "cloudserviceconfig": ("cloudserviceconfig", lambda session: read_cloud_service(session, IDENTITY)),
    "raw": ("showconfig", lambda session: raw_command.run(session, "showconfig")),
}


@dataclass(frozen=True)
class Cost:
    """``cpu``: seconds of the thread; ``block``: the longest turn of the loop; ``error``: the final error, if any."""

    cpu: float
    block: float
    wall: float
    error: AsyncOSError | None


def cost_of(shape: str, size: int, place: str, piece: int = PACKET, timeout: float = 5.0, end: str = PROMPT) -> Cost:
    at, conversation = PLACES[place]

    async def converse() -> AsyncOSError | None:
        session = Session(Flood(shape, size, at, piece, end), "esa1", Secrets("s3cret"), timeout, login_timeout=timeout)
        try:
            await session.learn_prompt()
            await conversation(session)
        except AsyncOSError as error:
            return error
        finally:
            await session.close()
        return None

    with _longest_callback() as longest:
        cpu, wall = time.thread_time(), time.perf_counter()
        error = asyncio.run(converse())
        return Cost(time.thread_time() - cpu, longest[0], time.perf_counter() - wall, error)


@contextlib.contextmanager
def _longest_callback() -> Iterator[list[float]]:
    """Yield a list with the longest CPU time of a callback of the event loop, in seconds."""
    longest = [0.0]
    run = asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        longest[0] = max(longest[0], time.thread_time() - began)

    asyncio.Handle._run = timed  # type: ignore[method-assign]
    try:
        yield longest
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]
