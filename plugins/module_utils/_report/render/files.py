# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The files of one report, each written in one step."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._files import MODES, REPORT, absolute, write_atomically
from ansible_collections.emailsec.ctr.plugins.module_utils._report.history import LAST, save_history
from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import Document

from .csv import csv_text
from .html import html_text
from .junit import junit_text
from .markdown import markdown_text
from .prometheus import prometheus_text

FILES = {"html": "drift.html", "csv": "drift.csv", "md": "drift.md", "junit": "drift.junit.xml", "prom": "drift.prom"}


def render(document: Document, formats: Iterable[str], page: str) -> dict[str, str]:
    """Return the text of each file by format, always with C(json). Raises BadSources."""
    renderers: dict[str, Callable[[Any], str]] = {
        "html": lambda document: html_text(document, page),
        "csv": csv_text,
        "md": markdown_text,
        "junit": junit_text,
        "prom": prometheus_text,
    }
    wanted = set(formats)
    texts = {"json": json.dumps(document, indent=2) + "\n"}
    return texts | {name: renderer(document) for name, renderer in renderers.items() if name in wanted}


def save(folder: str, document: Document, texts: dict[str, str], keep: int, mode: str = "") -> dict[str, str]:
    """Write the files and the history, and return the absolute path of each file by format. Raises OSError.

    ``mode``: one of C(MODES), or empty for 0640 with the umask. The history is readable by its owner only.
    """
    folder = absolute(folder)
    modes = (MODES.get(mode, REPORT), bool(mode))
    paths = {
        name: write_atomically(os.path.join(folder, FILES.get(name, LAST)), text, *modes)
        for name, text in texts.items()
    }
    save_history(folder, document, keep)
    return paths
