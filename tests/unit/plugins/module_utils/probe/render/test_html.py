# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a probe is built from its sources and those of the drift report, and contains text only as data."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.html import SOURCES, html_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.collection import ROOT
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import SOURCES as DRIFT_PAGE
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import BadSources
from tests.samples import probe_document as probe
from tests.unit.plugins.module_utils.report.render.test_html import digest


def data_of(page: str) -> dict:
    (data,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(data)


def test_the_policy_allows_only_the_script_and_the_style() -> None:
    page = html_text(probe.usual(), ROOT, "a: 1\n")
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert (rules["default-src"], rules["script-src"], rules["style-src"]) == ("'none'", digest(script), digest(style))
    styles = [Path(ROOT, folder, "style.css").read_text(encoding="utf-8") for folder in (DRIFT_PAGE, SOURCES)]
    assert style == "".join(styles)


def test_the_page_is_self_contained() -> None:
    page = html_text(probe.usual(), ROOT, "")
    without_data = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert set(re.findall(r'(?:src|href)="([^#][^"]*)"', without_data)) == {"data:,"}
    assert not re.search(
        r"@import|url\(|\bfetch\(|XMLHttpRequest|innerHTML|outerHTML|insertAdjacentHTML|eval\(", without_data
    )


def test_the_data_is_the_document_with_its_sentences() -> None:
    usual = probe.usual()
    data = data_of(html_text(usual, ROOT, "a: 1\n"))
    whole = json.loads(json.dumps(usual.as_json()))
    for name in ("counts", "appliances", "regions", "apis", "profile", "created", "collection"):
        assert data[name] == whole[name]
    for shown, one in zip(data["assumptions"], whole["assumptions"], strict=True):
        assert shown == {**one, "where": [where.removesuffix(".stand-in.example") for where in one["where"]]}
    assert data["profile_text"] == "a: 1\n"
    assert data["proposals"][3] == {
        "place": "sse.statuses.registered",
        "value": "Enrolled",
        "evidence": "the status of 3 devices whose appliance offers DEREGISTER in its menu",
    }
    assert len(data["remaining"]) == 3 and len(data["failures"]) == 2 and len(data["not_seen"]) == 3


def test_hostile_text_is_only_data() -> None:
    page = html_text(probe.hostile(), ROOT, probe.HOSTILE[1])
    assert page.count("<script") == 2 and "<img" not in page
    assert page.encode("utf-8")
    assert data_of(page)["profile_text"] == probe.HOSTILE[1]


def test_missing_sources_are_named(tmp_path) -> None:
    with pytest.raises(BadSources, match=r"index\.html cannot be read"):
        html_text(probe.usual(), str(tmp_path), "")
