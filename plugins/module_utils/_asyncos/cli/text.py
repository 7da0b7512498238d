# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Convert terminal output to the text that a user sees."""

from __future__ import annotations

import re

TAIL = 2048
"""Maximum characters at the end of a line that are searched for a prompt or question. AsyncOS prompts are shorter."""

_CSI = r"\[[0-9;?]{0,64}[ -/]{0,8}"
_OSC = r"\][^\x07\x1b\n]{0,512}"
_CONTROL_SEQUENCE = re.compile(rf"\x1b(?:{_CSI}[@-~]|{_OSC}(?:\x07|\x1b\\)|[()*+][0-9A-Za-z]|[@-Z\\^_=>])")
_UNFINISHED = re.compile(rf"\x1b(?:{_CSI}|{_OSC}\x1b?|[()*+])?\Z")
_LONGEST_SEQUENCE = 600
_BACKSPACES = re.compile(r"\x08+|[^\x08]+")
_PAGER = re.compile(r"(?<!-)-+[ ]{0,4}Press Any Key For More[ ]{0,4}-*", re.IGNORECASE)


class Display:
    """The text on the screen, added piece by piece in constant time per character.

    It omits control sequences, text overwritten by a backspace or carriage return, and pager prompts, and converts line
    ends (CR LF, CR CR LF). ``received`` counts the added characters. ``held`` is an incomplete control sequence; its rest
    may come only with the next answer.
    """

    def __init__(self, held: str = "") -> None:
        self.received = 0
        self._lines: list[str] = []
        self._line: list[str] = []
        self._returned = False
        self.held = held
        self._paged: set[int] = set()
        self._answered = False

    def add(self, piece: str) -> None:
        self.received += len(piece)
        text = self.held + piece
        unfinished = _UNFINISHED.search(text, max(0, len(text) - _LONGEST_SEQUENCE))
        self.held = unfinished.group() if unfinished else ""
        text = _CONTROL_SEQUENCE.sub("", text[: len(text) - len(self.held)])
        text = text.replace("\x07", "").replace("\x00", "").replace("\r\r\n", "\n").replace("\r\n", "\n")
        lines = text.split("\n")
        self._extend(lines[0])
        if len(lines) == 1:
            return
        self._end_line()
        if "\r" in text or "\x08" in text:
            for line in lines[1:-1]:
                self._extend(line)
                self._end_line()
        else:
            self._lines += lines[1:-1]
        self._extend(lines[-1])

    @property
    def tail(self) -> str:
        """Return the end of the last line, at most TAIL characters, which may be a prompt."""
        tail = "".join(self._line[-TAIL:])
        return _PAGER.sub("", tail) if len(self._lines) in self._paged else tail

    def last(self, count: int) -> list[str]:
        """Return the last lines, newest first; only the tail of the last line."""
        return [self.tail, *reversed(self._lines[-(count - 1) :])]

    def text(self) -> str:
        lines = [*self._lines, "".join(self._line)]
        for number in self._paged:
            lines[number] = _PAGER.sub("", lines[number])
        return "\n".join(lines)

    def wants_key(self) -> bool:
        """Return whether the pager (grade C) has stopped; True once per stop."""
        end = "".join(self._line[-TAIL:]).rstrip(" ")
        if self._answered or not any(stop.end() == len(end) for stop in _PAGER.finditer(end)):
            return False
        self._answered = True
        self._paged.add(len(self._lines))
        return True

    def _extend(self, text: str) -> None:
        first, *rest = text.split("\r")
        self._type(first)
        if rest:
            rest = [part.lstrip("\x08") for part in rest]
            self._returned = True
            # only text after the last carriage return stays visible
            self._type(next((part for part in reversed(rest) if part), ""))
            self._returned = not rest[-1]

    def _type(self, text: str) -> None:
        """Add text to the line, which starts over if text follows a carriage return."""
        if self._returned:
            text = text.lstrip("\x08")
        if not text:
            return
        if self._returned:
            self._line.clear()
            self._returned = self._answered = False
        if "\x08" not in text:
            self._line.extend(text)
            return
        for part in _BACKSPACES.findall(text):
            if part[0] == "\x08":
                del self._line[-len(part) :]
            else:
                self._line.extend(part)

    def _end_line(self) -> None:
        self._lines.append("".join(self._line))
        self._line.clear()
        self._returned = self._answered = False


def collapsed(text: str) -> str:
    """Return one line with single spaces, because releases wrap the same sentence differently."""
    return " ".join(text.split())


def folded(text: str) -> str:
    """Return the collapsed text in lower case, for comparison with the table of screens."""
    return collapsed(text).lower()


def last_lines(text: str, count: int = 4) -> str:
    """Return the last nonblank lines of the last 64 KB."""
    return "\n".join([line for line in text[-65536:].splitlines() if line.strip()][-count:])
