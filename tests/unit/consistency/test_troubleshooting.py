# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/troubleshooting.md is generated from the catalogue of findings."""

from __future__ import annotations

import re

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE, page_of
from tests.tools import troubleshooting

PROCEDURE = (
    'absent from the list "Registered Device"',
    "CTR shows no data",
    "does not ask for a registration token",
    "invalid or expired token",
)


def test_the_page_is_what_the_catalogue_says() -> None:
    assert troubleshooting.PAGE.read_text(encoding="utf-8") == troubleshooting.page(), "run make docs"


def test_each_code_is_an_anchor() -> None:
    anchors = re.findall(r"^## `(\w+)`$", troubleshooting.page(), re.MULTILINE)
    assert anchors == list(BY_CODE)
    root = troubleshooting.PAGE.parents[1]
    assert {root / page_of(code).split("#")[0] for code in BY_CODE} == {troubleshooting.PAGE}
    assert [page_of(code).split("#")[1] for code in BY_CODE] == anchors


def test_what_the_procedure_troubles_over_is_there() -> None:
    for text in PROCEDURE:
        assert [seen for seen, _codes in troubleshooting.SYMPTOMS if text in seen], text
    assert {code for _seen, codes in troubleshooting.SYMPTOMS for code in codes} <= set(BY_CODE)
