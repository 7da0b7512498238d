# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README.md names every plugin and make target, and README.md and docs/ name only what exists."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.unit.consistency.support import ROOT, code_in_markdown, markdown_files, plugins_in, text_of

HELP = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)
PHONY = re.compile(r"^\.PHONY: (.+)$", re.MULTILINE)
FOLDERS = ("connection", "inventory", "modules")
"""Plugins that users refer to by name."""
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def targets() -> set[str]:
    return set(HELP.findall(text_of("Makefile")))


def targets_named_in(text: str) -> set[str]:
    """Return the make targets in the code of a page."""
    targets_named = set()
    for code in code_in_markdown(text):
        words = shlex.split(code, comments=True) if code.startswith("make ") else []
        targets_named |= {word for word in words[1:] if re.fullmatch(r"[a-z][a-z-]*", word)}
    return targets_named


def named_things() -> list[str]:
    names = [name for folder in FOLDERS for name in plugins_in(folder)]
    names += [path.stem for path in (ROOT / "playbooks").glob("*.yml")]
    names += [path.name for path in (ROOT / "roles").iterdir() if path.is_dir()]
    names += [path.stem for path in (ROOT / "extensions").glob("eda/plugins/*/*.py")]
    return sorted(set(names))


def test_help_shows_every_target() -> None:
    assert {word for line in PHONY.findall(text_of("Makefile")) for word in line.split()} == targets() != set()


def test_readme_names_every_target() -> None:
    assert targets() - targets_named_in(text_of("README.md")) == set()


@pytest.mark.parametrize("page", markdown_files())
def test_every_target_that_a_page_names_exists(page: str) -> None:
    assert targets_named_in(text_of(page)) - targets() == set()


@pytest.mark.parametrize("name", named_things())
def test_readme_lists(name: str) -> None:
    assert re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text_of("README.md"))


@pytest.mark.parametrize("page", markdown_files())
def test_links_between_pages_have_existing_targets(page: str) -> None:
    here = (ROOT / page).parent
    local = [link.split("#")[0] for link in LINK.findall(text_of(page)) if "://" not in link and link[0] != "#"]
    assert [link for link in local if not (here / link).exists()] == []


def test_only_code_counts_as_a_call_of_make() -> None:
    page = "make sure\n`make lab FLEET=x`\n```\n$ make test\nFLEET=1 x\nmake setup PYTHON='/usr bin/python3' # x\n```\n`make`, `maker x`"
    assert targets_named_in(page) == {"lab", "test", "setup"}
