# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe on the terminal, as Markdown, as a page, and as a proposed profile."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.model import Proposal, Remaining
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.files import save
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.html import html_text
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.markdown import markdown_text
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.profile_file import profile_of, profile_text
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.terminal import terminal_lines
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT
from tests.samples.probe import document_of, hostile

PROPOSALS = (
    Proposal(("texts", "enabled"), ['Cloud: it\'s \\d{1,9} "active" # now'], "shown beside a menu", "text.enabled"),
    Proposal(("sse", "statuses", "registered"), ["Enrolled"], "one device", "status.registered"),
    Proposal(("sse", "statuses", "registered"), ["Joined"], "two devices", "status.registered"),
    Proposal(("regions", "canada", "label"), "CANADA", "listed\nby one", "server.unknown"),
)
REMAINING = (Remaining("title.esa", "two types fit", "set module_types"),)


def test_the_profile_is_yaml_with_evidence() -> None:
    text = profile_text(PROPOSALS, REMAINING)
    assert yaml.safe_load(text) == profile_of(PROPOSALS)
    assert profile_of(PROPOSALS)["sse"]["statuses"]["registered"] == ["Enrolled", "Joined"]
    assert "# Evidence: shown beside a menu." in text
    assert "# Evidence: listed by one." in text
    assert "Not certain (title.esa): two types fit. Fix: set module_types." in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_profile_without_proposals_is_an_empty_map() -> None:
    assert yaml.safe_load(profile_text((), REMAINING)) == {}


@pytest.mark.parametrize("width", [80, 120])
def test_terminal_lines_fit(width: int) -> None:
    lines = terminal_lines(document_of(hostile()), width, {})
    assert max(map(len, lines)) <= width
    assert re.search(r"\d+ of \d+ assumptions differ", "\n".join(lines))
    assert all(line.isprintable() for line in lines)


def test_the_terminal_shows_which_stand_in_is_which_host() -> None:
    lines = terminal_lines(document_of(hostile()), 120, {"host-1.stand-in.example": "berlin01.corp.example"})
    assert any(line.startswith("berlin01.corp.example") and " host-1 " in line for line in lines)


def test_markdown_has_every_assumption() -> None:
    document = document_of(hostile())
    text = markdown_text(document)
    assert all(one.id.replace("_", "\\_") in text or one.id in text for one in document.assumptions)


def test_the_page_has_what_was_read_only_as_data() -> None:
    page = html_text(document_of(hostile()), ROOT, "# <script>alert(1)</script>")
    assert page.count("<script") == 2
    assert "\\u003cscript\\u003ealert(1)" in page
    assert "default-src 'none'" in page


def test_files_are_private_and_an_old_profile_is_removed(tmp_path: Path) -> None:
    document = document_of(hostile())
    paths = save(str(tmp_path), ROOT, document, PROPOSALS, ())
    assert {Path(path).name for path in paths.values()} == {"probe.json", "probe.md", "probe.html", "profile.yml"}
    assert {Path(path).stat().st_mode & 0o077 for path in paths.values()} == {0}
    assert "profile" not in save(str(tmp_path), ROOT, document, (), ())
    assert not (tmp_path / "profile.yml").exists()
