# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page is built from its sources, and its policy allows only these."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from pathlib import Path

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import BadSources, html_text, page_data
from tests.samples import drift
from tests.unit.plugins.module_utils.report.drawn import PAGE

SMALL = drift.with_past(drift.small_rows())


def digest(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def test_the_policy_allows_only_the_script_and_the_style() -> None:
    page = html_text(SMALL, PAGE)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == digest(script)
    assert rules["style-src"] == digest(style)
    assert rules["require-trusted-types-for"] == "'script'"
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script")


def test_the_page_is_self_contained() -> None:
    page = html_text(SMALL, PAGE)
    without_data = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert set(re.findall(r'(?:src|href)="([^#][^"]*)"', without_data)) == {"data:,"}
    assert not re.search(
        r"@import|url\(|\bfetch\(|XMLHttpRequest|innerHTML|outerHTML|insertAdjacentHTML|eval\(", without_data
    )


def test_identical_checks_are_stored_once() -> None:
    document = drift.build(drift.many_rows(100))
    data = page_data(document)
    assert len(data["checks"]) < 0.4 * sum(len(row["checks"]) for row in document["appliances"])
    for packed, row in zip(
        data["appliances"] + data["regions"], document["appliances"] + document["regions"], strict=True
    ):
        assert [data["checks"][place] for place in packed["checks"]] == row["checks"]


def test_values_that_are_equal_in_python_stay_different() -> None:
    rows = [
        {"host": "a", "region": "europe", "checks": [drift.check("x", value, value) for value in (1, True, 1.0, "1")]}
    ]
    data = page_data(drift.build(([], rows)))
    assert [repr(data["checks"][place]["wanted"]) for place in data["appliances"][0]["checks"]] == [
        "1",
        "True",
        "1.0",
        "'1'",
    ]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("index.html", lambda text: text.replace('src="script.js"', 'src="other.js"'), 'src="script.js"'),
        ("index.html", lambda text: text.replace("<!-- policy -->", ""), "<!-- policy -->"),
        ("script.js", lambda text: text + "\n// </SCRIPT>", "must not contain </script"),
        ("style.css", lambda text: text + "/* <!-- */", "must not contain </style or <!--"),
        ("style.css", lambda text: None, "style.css cannot be read"),
    ],
)
def test_unusable_sources_are_refused(tmp_path, name, change, said) -> None:
    folder = shutil.copytree(PAGE, tmp_path / "page")
    path = Path(folder) / name
    text = change(path.read_text(encoding="utf-8"))
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(BadSources) as error:
        html_text(SMALL, str(folder))
    assert said in str(error.value)
