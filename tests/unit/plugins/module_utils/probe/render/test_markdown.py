# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown of a probe has everything, and text is data."""

from __future__ import annotations

import re

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.markdown import markdown_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.markdown import escape
from tests.samples import probe_document as probe

USUAL = probe.usual()


def test_every_assumption_is_a_row() -> None:
    text = markdown_text(USUAL)
    for one in USUAL.assumptions:
        assert text.count(f"\n| {escape(one.id)} | {escape(one.kind)} | {one.grade} |") == 1


def test_the_sections_and_their_order() -> None:
    titles = re.findall(r"^## (.+)$", markdown_text(USUAL), re.MULTILINE)
    counts = USUAL.counts()
    assert titles == [
        "Different (6)",
        f"Confirmed ({counts['confirmed']})",
        f"Not seen ({counts['not_seen']})",
        "Proposed profile",
        "Not certain",
        "Failures",
        "Appliances",
        "Screen login",
        "Screen version",
        "Screen showchanges",
        "Screen cloudserviceconfig",
        *["Screen version"] * 4,
        "Calls",
        "Answer to GET /iroh/iroh-sse/device",
        "Answer to GET /iroh/iroh-int/module-type",
        "Answer to POST login",
        "Answer to GET tracking",
    ]


def test_equal_screens_and_answers_are_shown_once() -> None:
    text = markdown_text(USUAL)
    assert text.count("    Everything is committed.") == 1
    assert "Typed: showchanges. On host-1.stand-in.example, host-2.stand-in.example, host-3" in text
    assert text.count("| data.device_uuid | uuid |") == 1
    assert "From europe, apjc:" in text


def test_a_clean_and_an_empty_document() -> None:
    assert f"No difference in {len(probe.clean().assumptions)} assumptions: " in markdown_text(probe.clean())
    assert markdown_text(probe.empty()).startswith("# Probe\n\nNo difference in 0 assumptions: 0 are confirmed")


def test_hostile_text_is_data() -> None:
    lines = markdown_text(probe.hostile()).split("\n")
    text = "\n".join(line for line in lines if not line.startswith("    "))
    assert not re.search(r"<[a-z/!]", text, re.IGNORECASE)
    assert not re.search(r"(?<!\\)\[x(?<!\\)\]", text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\ud800]", "\n".join(lines))
    rows = [line for line in lines if line.startswith("|")]
    columns = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
    assert set(columns) <= {3, 4, 7, 8}
    assert [line for line in lines if line.startswith("#")][0] == "# Probe"
    assert not any(line == "# heading" or line.startswith("```") for line in lines)
