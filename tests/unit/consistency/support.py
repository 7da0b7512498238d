# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths of the project, and helpers to read its files, for the tests in this folder."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
COLLECTION = "emailsec.ctr"
# The types of plugins that users refer to by name.
NAMED_PLUGINS = ("connection", "inventory", "lookup", "module", "test")


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def yaml_of(path: str) -> Any:
    return yaml.safe_load(text_of(path))


def plugins_in(folder: str) -> list[str]:
    """Return the names of the public plugins in one folder of plugins/."""
    return sorted(path.stem for path in (ROOT / "plugins" / folder).glob("[a-z]*.py"))


def markdown_files() -> list[str]:
    """Return the pages of documentation, at the root and in docs/."""
    pages = [*(page for page in ROOT.glob("*.md") if page.name != "CHANGELOG.md"), *(ROOT / "docs").rglob("*.md")]
    return [str(page.relative_to(ROOT)) for page in pages]


@functools.cache
def documentation() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the output of ansible-doc for this collection, by type and short name, with doc fragments."""
    ansible_doc = Path(sys.executable).with_name("ansible-doc")
    dump = subprocess.run(
        [str(ansible_doc), "--metadata-dump", "--no-fail-on-errors", COLLECTION],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    by_type: dict[str, dict[str, dict[str, Any]]] = {}
    for kind, plugins in json.loads(dump)["all"].items():
        by_type[kind] = {
            name.removeprefix(f"{COLLECTION}."): plugin
            for name, plugin in plugins.items()
            if name.startswith(f"{COLLECTION}.")
        }
    return by_type


def code_in_markdown(text: str) -> list[str]:
    """Return the lines of fenced blocks and the inline code of a page."""
    lines: list[str] = []
    prose: list[str] = []
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            lines.append(line.strip().removeprefix("$ "))
        else:
            prose.append(line)
    return lines + re.findall(r"`([^`]+)`", "\n".join(prose))
