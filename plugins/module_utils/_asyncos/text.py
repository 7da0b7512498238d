# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. From the bytes of a terminal to the text that a person would see."""

from __future__ import annotations

import re

_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_=>])")
_ERASED = re.compile(r"[^\n\r\x08]\x08")
_PAGER = re.compile(r"-+\s*Press Any Key For More\s*-*", re.IGNORECASE)


def count_pagers(raw: str) -> int:
    """How many times the pager has stopped in this output (grade C)."""
    return len(_PAGER.findall(raw))


def visible(raw: str) -> str:
    """The text without terminal control, pager stops and the several kinds of line end (CR LF, CR CR LF)."""
    text = _PAGER.sub("", _CONTROL_SEQUENCE.sub("", raw))
    while "\x08" in text:
        text, count = _ERASED.subn("", text)
        if not count:
            text = text.replace("\x08", "")
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n")]
    return "\n".join(lines).replace("\x07", "").replace("\x00", "")


def collapsed(text: str) -> str:
    """One line with single spaces: releases wrap the same sentence at different places."""
    return " ".join(text.split())


def last_lines(text: str, count: int = 4) -> str:
    return "\n".join([line for line in text.splitlines() if line.strip()][-count:])
