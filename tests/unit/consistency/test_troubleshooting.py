# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/troubleshooting.md, the catalogue and the rules of the diagnosis say the same."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE, CATALOGUE
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.rules import RULES
from tests.tools.troubleshooting import page
from tests.unit.consistency.support import text_of


def test_the_page_is_what_make_docs_would_write() -> None:
    assert text_of("docs/troubleshooting.md") == page()


def test_every_code_is_an_anchor_once() -> None:
    headings = [line for line in text_of("docs/troubleshooting.md").splitlines() if line.startswith("## ")]
    assert headings == [f"## {code}" for code in BY_CODE]


def test_every_finding_has_a_rule_and_every_rule_a_finding() -> None:
    assert {code for code, _rule in RULES} == {finding.code for finding in CATALOGUE}
