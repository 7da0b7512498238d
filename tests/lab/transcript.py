# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A recorded session: JSON lines, each `{"type": ..., "text": ...}`; more keys are allowed and ignored, and so are empty
lines and those that begin with `#`.

The first line has the type `login`: the text from the log-in up to the first prompt. Then `typed` and `shown` alternate:
a typed line without its Enter, and the output up to the next typed line, with or without the echo. A last `typed`
without output ends the session. A blank typed at the pager, and Ctrl-C (as a character or as `^C`), are recorded
literally. Secrets are masked as `********`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from tests.lab.fleet_fields import FleetError

MASK = "********"
INTERRUPT = "\x03"
CONTROLS = re.compile(r"(?: ?\x1b(?:\[[0-9;?]*[@-~]|\][^\x07]*\x07))+")
UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*)?$")


@dataclass(frozen=True)
class Step:
    """A typed line, and its output; None at the end of the session."""

    typed: str
    shown: str | None

    def fits(self, line: str) -> bool:
        """Return whether this line matches the typed line, except for masks."""
        pattern = ".*".join(re.escape(part) for part in self.typed.split(MASK))
        return re.fullmatch(pattern, line, re.DOTALL) is not None


@dataclass(frozen=True)
class Transcript:
    """The session of a log-in."""

    source: str
    login: str
    steps: tuple[Step, ...]


def read_transcript(path: Path) -> Transcript:
    """Return the transcript in this file; raise FleetError if it is invalid."""
    source = str(path)
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise FleetError(source, "", "", f"cannot be read: {error}") from error
    entries = [
        (number, *_entry(source, number, line))
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]
    if not entries:
        raise FleetError(source, "", "", "is empty")
    for place, (number, kind, _text) in enumerate(entries):
        wanted = "login" if place == 0 else "typed" if place % 2 else "shown"
        if kind != wanted:
            raise FleetError(source, f"line {number}", "type", f"must be {wanted} here, not {kind!r}")
    texts = [text for _number, _kind, text in entries]
    for place in range(2, len(texts), 2):
        texts[place - 2], texts[place] = _with_whole_prompt(texts[place - 2], texts[place - 1], texts[place])
    shown: list[str | None] = [
        _without_echo(typed, text) for typed, text in zip(texts[1::2], texts[2::2], strict=False)
    ]
    if len(texts) % 2 == 0:
        shown.append(None)
    steps = tuple(
        Step(INTERRUPT if typed == "^C" else typed, text) for typed, text in zip(texts[1::2], shown, strict=True)
    )
    return Transcript(source, texts[0], steps)


def _entry(source: str, number: int, line: str) -> tuple[str, str]:
    """Return type and text of a line, with `\\n` as line end."""
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise FleetError(source, f"line {number}", "", f"is not JSON: {error}") from error
    for key in ("type", "text"):
        if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
            raise FleetError(source, f"line {number}", key, "must be a string")
    return entry["type"], re.sub(r"\r*\n", "\n", entry["text"])


def _with_whole_prompt(before: str, typed: str, shown: str) -> tuple[str, str]:
    """Move late control sequences to their prompt: a fast client types its line before they arrive."""
    unfinished = UNFINISHED.search(before)
    begun = unfinished.group() if unfinished else ""
    whole = begun + shown
    matched = CONTROLS.match(whole)
    end = max(matched.end() if matched else 0, len(begun))
    if typed.strip() and whole[end:].startswith(f" {typed}\n"):
        end += 1
    if not begun and not whole[end:].startswith(f"{typed}\n"):
        return before, shown
    return before + whole[len(begun) : end], whole[end:]


def _without_echo(typed: str, shown: str) -> str:
    """Return the output without the echo, because the replay echoes by itself."""
    return shown[len(typed) + 1 :] if typed.strip() and shown.startswith(f"{typed}\n") else shown
