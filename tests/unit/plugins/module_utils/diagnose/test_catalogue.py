# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue and the rules have the same codes, and all texts of the catalogue can be shown."""

from __future__ import annotations

import re
import string

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE, CATALOGUE, NOTHING_WRONG
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.rules import RULES
from tests.integration.support import broken_links
from tests.unit.consistency.support import ROOT

API_CODES = {"quota_used_up", "scope_missing", "api_not_usable"}
NAMES = {"host", "region", "portal", "server"}


def test_every_code_has_a_rule_and_every_rule_a_code() -> None:
    assert {code for code, _rule in RULES} == {finding.code for finding in CATALOGUE}
    assert len(BY_CODE) == len(CATALOGUE) + 1 and NOTHING_WRONG.code in BY_CODE


def test_the_catalogue_is_in_the_order_of_the_rules() -> None:
    """Findings of the API are checked at three stages, all others once."""
    asked = [code for code, _rule in RULES if code not in API_CODES]
    assert asked == [finding.code for finding in CATALOGUE if finding.code not in API_CODES]
    assert [code for code, _rule in RULES].count("quota_used_up") == 3


def test_the_breaks_of_the_integration_tests_have_the_order_of_the_rules() -> None:
    asked = [code for code, _rule in RULES]
    places = [asked.index(one.code) for one in broken_links.BREAKS]
    assert places == sorted(places)


def test_every_code_has_an_integration_test() -> None:
    folder = ROOT / "tests" / "integration"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_diagnose*.py"))
    code += (folder / "support" / "broken_links.py").read_text(encoding="utf-8")
    assert [name for name in BY_CODE if f'"{name}"' not in code] == []


@pytest.mark.parametrize("finding", BY_CODE.values(), ids=list(BY_CODE))
def test_every_text_can_be_filled_in(finding) -> None:
    for text in (finding.sentence, finding.fix):
        named = {name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None}
        assert named <= NAMES
        assert text.format(**dict.fromkeys(NAMES, "x")).endswith((".", ")", "."))
        assert text[0].isupper() or text.startswith("{")
    assert finding.sentence.count(". ") == 0, "one sentence"
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", finding.code)
    assert finding.grade[0] in "ABCI"
    assert finding.detected_by and not finding.detected_by.endswith(".")
