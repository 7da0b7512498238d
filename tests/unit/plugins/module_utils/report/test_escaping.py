# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names and texts of devices are data in all formats."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

from hypothesis import given
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.emailsec.ctr.plugins.module_utils._report.failure import failure
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render import markdown, prometheus
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.csv import COLUMNS, csv_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.files import render
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import html_text, page_data
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.junit import junit_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.terminal import summary, table
from ansible_collections.emailsec.ctr.plugins.module_utils._report.text import one_line, text_of
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown
from tests.samples import drift
from tests.unit.plugins.module_utils.report.drawn import PAGE, documents, texts
from tests.unit.plugins.module_utils.report.junit_rules import junit_faults

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


@given(documents())
def test_csv_contains_no_formula_and_no_broken_line(document) -> None:
    lines = list(csv.reader(io.StringIO(csv_text(document), newline="")))
    expected = sum(max(1, len(row["checks"])) for row in document["appliances"])
    expected += sum(len(region["checks"]) for region in document["regions"])
    assert len(lines) == 1 + expected
    for line in lines:
        assert len(line) == len(COLUMNS)
        assert not any(cell.startswith(FORMULAS) for cell in line)


@given(documents())
def test_junit_is_valid_for_any_text(document) -> None:
    assert junit_faults(junit_text(document)) == []


@given(documents())
def test_prometheus_reads_each_host_name(document) -> None:
    text = prometheus.prometheus_text(document)
    families = {family.name: family for family in text_string_to_metric_families(text)}
    verdicts = {
        sample.labels["host"]: sample.labels["verdict"]
        for sample in families["emailsec_ctr_drift_appliance_verdict"].samples
        if sample.value == 1
    }
    assert verdicts == {shown(row["host"]): row["verdict"] for row in document["appliances"]}


@given(texts)
def test_markdown_shows_any_text_literally(text) -> None:
    escaped = markdown.escape(text_of(text))
    assert "\n" not in escaped and "<" not in escaped and ">" not in escaped
    # No special character is left unescaped.
    assert re.findall(r"[`*\[\]|~]", re.sub(r"\\.", "", escaped)) == []
    plain = re.sub(r"\\(.)", r"\1", escaped).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == one_line(text_of(text))


@given(documents())
def test_markdown_tables_keep_their_columns(document) -> None:
    for line in markdown.markdown_text(document).splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) in (6, 7), line


@given(documents())
def test_terminal_output_contains_no_control_characters(document) -> None:
    lines = [*table(document, "/r", 80, verbose=True), *summary(document, 80), failure(document, "drift", "/r")]
    for line in lines:
        assert not {unicodedata.category(char) for char in line} & {"Cc", "Zl", "Zp"}, line
        assert not re.search("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", line)


class Page(HTMLParser):
    """The elements of a page, and the content of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.open = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag) -> None:
        self.open = ""

    def handle_data(self, data) -> None:
        if self.open == "script":
            self.scripts[-1] += data


EMPTY = Page(html_text(drift.build(([], [])), PAGE))


@given(documents())
def test_text_from_devices_is_only_in_the_data_of_the_page(document) -> None:
    page = Page(html_text(document, PAGE))
    assert page.tags == EMPTY.tags
    assert len(page.scripts) == 2 and page.scripts[1] == EMPTY.scripts[1]
    assert not re.search("[<>&\u2028\u2029]", page.scripts[0])
    assert json.loads(page.scripts[0]) == json.loads(json.dumps(page_data(document)))


def test_hostile_texts_are_harmless_in_all_formats() -> None:
    document = drift.with_past(drift.hostile_rows())
    made = render(document, ["html", "csv", "md", "junit", "prom"], PAGE)
    assert junit_faults(made["junit"]) == []
    names = {case.get("name") for case in ElementTree.fromstring(made["junit"]).iter("testcase")}
    assert drift.HOSTILE[0] in names
    hosts = {line["host"] for line in csv.DictReader(io.StringIO(made["csv"], newline=""))}
    assert "'" + drift.HOSTILE[6] in hosts and drift.HOSTILE[6] not in hosts
    assert "<" not in made["md"] and "<script>alert" not in made["html"]
    for text in made.values():
        text.encode("utf-8")
