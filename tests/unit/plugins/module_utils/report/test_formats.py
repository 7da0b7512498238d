# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The content of each format, read with a parser of the format."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from xml.etree import ElementTree

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.emailsec.ctr.plugins.module_utils._report.failure import failure
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.csv import csv_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.html import page_data
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.junit import junit_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.markdown import markdown_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.prometheus import prometheus_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.terminal import summary, table
from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import (
    answer,
    diagnosis,
    differences,
    headline,
)
from tests.samples import drift
from tests.unit.plugins.module_utils.report.junit_rules import junit_faults

WIDE = 1000
SMALL = drift.with_past(drift.small_rows())
ALL_OK = drift.build(([drift.region("europe")], [drift.appliance(f"esa{n}.example.com") for n in (1, 2)]))


def samples(document) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return each metric with its samples, as parsed by Prometheus."""
    found = {}
    for family in text_string_to_metric_families(prometheus_text(document)):
        assert family.type == "gauge" and family.documentation, family
        found[family.name] = {tuple(sorted(sample.labels.items())): sample.value for sample in family.samples}
    return found


def test_csv_has_a_line_per_check() -> None:
    lines = list(csv.DictReader(io.StringIO(csv_text(SMALL), newline="")))
    assert len(lines) == sum(len(row["checks"]) for row in SMALL["appliances"] + SMALL["regions"])
    line = next(line for line in lines if (line["host"], line["check"]) == ("esa5.example.com", "server"))
    assert (line["wanted"], line["found"], line["verdict"], line["host_verdict"], line["model"]) == (
        "api.apj.sse.itd.cisco.com",
        "api-sse.cisco.com",
        "drift",
        "drift",
        "C100V",
    )
    assert line["step"] == "set the server to api.apj.sse.itd.cisco.com"
    orphans = next(line for line in lines if line["check"] == "orphans" and line["region"] == "europe")
    assert (orphans["host"], orphans["wanted"], orphans["found"], orphans["verdict"]) == ("", "0", "2", "drift")
    assert {line["found"] for line in lines if line["check"] == "enabled"} == {"yes", ""}


def test_csv_shows_an_appliance_without_checks() -> None:
    document = drift.build(([], [{"host": "esa1.example.com", "region": "europe", "reason": "busy"}]))
    (line,) = csv.DictReader(io.StringIO(csv_text(document), newline=""))
    assert (line["host"], line["host_verdict"], line["verdict"], line["reason"]) == (
        "esa1.example.com",
        "unknown",
        "unknown",
        "busy",
    )


ORPHANED = (
    "Orphaned records: found 2, wanted 0 (gone1.example.com (id-1, Unregistered), gone2.example.com (id-2, "
    "Unregistered))"
)


def test_markdown_shows_only_what_is_not_ok() -> None:
    text = markdown_text(SMALL)
    assert "5 of 8 appliances need attention: 1 could not be read, 1 is refused, 3 have drifted." in text
    assert "| EUROPE | 1 | 0 | 1 | 2 | 7,412 of 8,000 calls left |" in text
    listed = re.findall(r"^\| (\S+\.example\.com) \|", text, re.MULTILINE)
    assert listed == [row["host"] for row in SMALL["appliances"] if row["verdict"] != "ok"]
    assert f"| (the region itself) | europe | drift | {ORPHANED} |" in text
    assert "Since 2026-11-24 07:06 UTC: 2 worse, 1 new, 1 no longer in the report." in text
    assert "Not ok" not in markdown_text(ALL_OK)


def test_markdown_shows_findings() -> None:
    text = markdown_text(drift.with_past(drift.diagnosed_rows()))
    lines = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| ")}
    # It matches the inventory, but does not work.
    assert "| ok | The CTR module of esa1.example.com exists, but does not work. |" in lines["esa1.example.com"]
    assert "Read the error of the module in the evidence" in lines["esa1.example.com"]
    found = drift.finding("never_registered", "esa6.example.com", "apjc", "")
    assert f"| drift | {found['sentence']}; Registration: " in lines["esa6.example.com"]
    assert f"| {found['fix']}; register with" in lines["esa6.example.com"]
    assert "esa4.example.com" not in lines, "it has no problem"
    assert "finding" not in lines["esa2.example.com"].lower()


def test_markdown_has_at_most_200_rows() -> None:
    rows = [drift.appliance(f"esa{n}.example.com", worse=drift.timeframe()) for n in range(250)]
    text = markdown_text(drift.build(([], rows)))
    assert len(re.findall(r"^\| esa", text, re.MULTILINE)) == 200
    assert "And 50 more; all are in drift.html and drift.csv." in text


@pytest.mark.parametrize("document", [SMALL, ALL_OK, drift.build(([], [])), drift.build(drift.many_rows(40))])
def test_junit_is_valid(document) -> None:
    assert junit_faults(junit_text(document)) == []


def test_junit_has_a_case_per_appliance_and_region() -> None:
    root = ElementTree.fromstring(junit_text(SMALL))
    suites = {suite.get("name"): suite for suite in root}
    assert {name: suite.get("tests") for name, suite in suites.items()} == {"EUROPE": "5", "AMERICAS": "3", "APJC": "3"}
    results = {
        case.get("name"): [(result.tag, result.get("type")) for result in case]
        for suite in suites.values()
        for case in suite.findall("testcase")
    }
    assert results == {
        "esa7.example.com": [("error", "unknown")],
        "esa3.example.com": [("failure", "refused")],
        "esa2.example.com": [("failure", "drift")],
        "esa5.example.com": [("failure", "drift")],
        "esa6.example.com": [("failure", "drift")],
        "esa1.example.com": [],
        "esa4.example.com": [],
        "sma1.example.com": [],
        "EUROPE (the region itself)": [("failure", "drift")],
        "AMERICAS (the region itself)": [],
        "APJC (the region itself)": [],
    }
    failure = root.find(".//testcase[@name='esa5.example.com']/failure")
    assert failure.get("message") == "Server: found api-sse.cisco.com, wanted api.apj.sse.itd.cisco.com"
    assert failure.text.splitlines()[-1] == "Next: set the server to api.apj.sse.itd.cisco.com"


def test_prometheus_counts_match_the_document() -> None:
    found = samples(SMALL)
    assert found["emailsec_ctr_drift_report_timestamp_seconds"] == {(): drift.CREATED.timestamp()}
    assert found["emailsec_ctr_drift_report_info"] == {(("collection", "1.0.0"),): 1}
    for region in SMALL["regions"]:
        for verdict, number in region["counts"].items():
            labels = (("region", region["region"]), ("verdict", verdict))
            assert found["emailsec_ctr_drift_appliances"][labels] == number
    states = Counter()
    for labels, value in found["emailsec_ctr_drift_appliance_verdict"].items():
        states[dict(labels)["verdict"]] += value
    assert states == SMALL["counts"]
    assert len(found["emailsec_ctr_drift_appliance_verdict"]) == 4 * len(SMALL["appliances"])
    orphans = (("check", "orphans"), ("region", "europe"), ("verdict", "drift"))
    assert found["emailsec_ctr_drift_region_checks"][orphans] == 1
    assert found["emailsec_ctr_drift_api_quota_limit_calls"][(("region", "europe"),)] == 8000
    assert found["emailsec_ctr_drift_api_quota_remaining_calls"][(("region", "europe"),)] == 7412


def test_prometheus_has_no_time_stamps_and_declares_each_metric_once() -> None:
    lines = prometheus_text(SMALL).splitlines()
    for kind in ("HELP", "TYPE"):
        names = [line.split()[2] for line in lines if line.startswith(f"# {kind} ")]
        assert len(names) == len(set(names)) == 7
    for line in lines:
        assert line.startswith("#") or re.fullmatch(r"[a-z_]+(\{.*\})? -?\d+", line), line


def test_the_terminal_shows_what_is_not_ok_with_the_next_step() -> None:
    lines = table(SMALL, "/r/drift.html", WIDE)
    assert [line.split()[:3] for line in lines[1:4]] == [
        ["esa7.example.com", "europe", "unknown"],
        ["esa3.example.com", "americas", "refused"],
        ["esa2.example.com", "europe", "drift"],
    ]
    assert lines[-1].split()[:3] == ["(EUROPE)", "europe", "drift"]
    assert "found 7, wanted 30; next: module updated" in lines[3]
    assert len(lines) == 7
    assert table(ALL_OK, "x", WIDE) == []


def test_the_terminal_shows_at_most_40_rows_and_the_number_of_further_rows() -> None:
    rows = [drift.appliance(f"esa{n}.example.com", worse=drift.timeframe()) for n in range(1045)]
    lines = table(drift.build(([], rows)), "/r/drift.html", WIDE)
    assert len(lines) == 1 + 40 + 1
    assert lines[-1] == "and 1,005 more, see /r/drift.html"
    assert len(table(drift.build(([], rows[:40])), "x", WIDE)) == 41


def test_the_summary_has_at_most_five_lines() -> None:
    lines = summary(SMALL, WIDE)
    assert len(lines) <= 5
    assert lines[0] == f"Drift: {headline(SMALL)}"
    assert "EUROPE: 4 appliances, 1 unknown, 1 drift, 2 ok; 7,412 of 8,000 calls left" in lines[1]
    assert lines[2] == f"Region checks: EUROPE: {ORPHANED}"
    assert lines[3].endswith("(esa2.example.com ok to drift, esa6.example.com ok to drift)")
    assert len(summary(drift.with_past(drift.hostile_rows()), WIDE)) <= 5
    assert len(summary(ALL_OK, WIDE)) == 2


def test_the_summary_names_a_few_changes_and_counts_the_rest() -> None:
    before = drift.build(([], [drift.appliance(f"esa{n}") for n in range(9)]))
    now = [drift.appliance(f"esa{n}", worse=drift.timeframe()) for n in range(9)]
    line = summary(drift.build(([], now), last=before), WIDE)[-1]
    assert line.count(" ok to drift") == 5 and line.endswith(", and 4 more)")
    assert "9 worse" in line
    again = drift.build(([], now), last=drift.build(([], now)))
    assert summary(again, WIDE)[-1] == "Since 2026-11-24 08:06 UTC: no verdict changed"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (([], []), "No appliance was compared."),
        (([], [drift.appliance("a")]), "The appliance matches the inventory."),
        (([], [drift.appliance("a"), drift.appliance("b")]), "All 2 appliances match the inventory."),
        (
            ([drift.region("europe", orphans=1)], [drift.appliance("a"), drift.appliance("b")]),
            "All 2 appliances match the inventory, but EUROPE needs attention.",
        ),
        (
            ([], [drift.appliance("a", worse=drift.timeframe()), drift.appliance("b")]),
            "1 of 2 appliances needs attention: 1 has drifted.",
        ),
    ],
)
def test_the_headline(rows, said) -> None:
    assert headline(drift.build(rows)) == said


def test_a_diagnosis_adds_the_number_of_findings() -> None:
    assert diagnosis(SMALL) == ""
    found = drift.build(drift.diagnosed_rows())
    said = "The diagnosis found problems on 4 appliances, of which 1 matches the inventory."
    assert diagnosis(found) == said
    assert answer(found) == f"{headline(found)} {said}"
    assert summary(found, WIDE)[0].endswith(said)
    broken = drift.build(drift.broken_rows())
    assert answer(broken) == "The appliance matches the inventory. The diagnosis found problems on 1 appliance."
    assert (page_data(broken)["mark"], page_data(found)["mark"]) == ("finding", "unknown")
    regions, [row] = drift.broken_rows()
    row["finding"] = drift.finding("nothing_wrong", row["host"], "europe", "")
    well = drift.build((regions, [row]))
    assert (diagnosis(well), page_data(well)["mark"]) == ("The diagnosis found no problems.", "ok")


def test_the_reason_of_an_unreachable_appliance_is_shown_once() -> None:
    (line,) = table(drift.build(([], [drift.appliance("a", worse=drift.no_answer("no route"))])), "x", WIDE)[1:]
    assert line.split("  ")[-1].strip() == "no route"


@pytest.mark.parametrize(
    ("reason", "checks", "said"),
    [
        # The reason of the appliance replaces checks that were not read.
        ("busy", [drift.check("server", None, None, "unknown", reason="not read", explained=True)], ["busy"]),
        ("busy", [drift.check("server", None, None, "unknown", reason="busy")], ["busy"]),
        ("", [drift.check("server", None, None, "unknown")], ["Server: not read"]),
        # A cloud that does not answer is a separate reason.
        ("", [drift.check("module", None, None, "unknown", reason="HTTP 500")], ["CTR module: HTTP 500"]),
        (
            "",
            [
                drift.check("sse_name", None, None, "unknown", reason="not read", explained=True),
                drift.check("sse_record", None, None, "unknown", reason="HTTP 500"),
            ],
            ["SSE record: HTTP 500"],
        ),
        # Known differences are shown too, and the same reason only once.
        (
            "busy",
            [drift.check("server", "a", "b", "refused", reason="busy"), drift.check("enabled", True, False, "drift")],
            ["busy", "Server: found b, wanted a", "Cloud service enabled: found no, wanted yes"],
        ),
        ("", [drift.check("server", "a", None, "drift", reason="why")], ["Server: found nothing, wanted a (why)"]),
        # Checks that were not reached or are skipped are not repeated.
        (
            "",
            [
                drift.check("reachable", True, False, "unknown", reason="no route"),
                drift.check("server", None, None, "unknown", reason="not reached", explained=True),
                drift.check("module", None, None, "unknown", reason="not reached", explained=True),
            ],
            ["Reachable: found no, wanted yes (no route)"],
        ),
        (
            "too old",
            [
                drift.check("supported", None, None, "refused", reason="too old"),
                drift.check("server", None, None, "refused", reason="the appliance is skipped", explained=True),
            ],
            ["too old"],
        ),
        # The same reason of several checks is shown once, with the first check.
        (
            "",
            [
                drift.check("sse_record", None, None, "unknown", reason="HTTP 500"),
                drift.check("sse_region", None, None, "unknown", reason="HTTP 500"),
            ],
            ["SSE record: HTTP 500"],
        ),
        # Without an explanation, all checks are shown.
        (
            "",
            [drift.check("server", None, None, "unknown"), drift.check("enabled", True, False, "drift")],
            ["Server: not read", "Cloud service enabled: found no, wanted yes"],
        ),
        ("", [drift.check("quota", None, 3, "drift")], ["API calls left: found 3"]),
    ],
)
def test_differences_in_words(reason, checks, said) -> None:
    row = {"host": "a", "region": "europe", "reason": reason, "checks": checks}
    assert differences(drift.build(([], [row]))["appliances"][0]) == said


UNREAD = [drift.appliance("a", worse=drift.no_answer("no route"))]
DRIFTED = [drift.appliance("a", worse=drift.timeframe())]
REFUSED = [drift.appliance("a", worse=drift.refused())]
FINE = [drift.appliance("a")]
ORPHANS = [drift.region("europe", orphans=1)]
UNREAD_REGION = [{"region": "apjc", "checks": [drift.check("orphans", 0, None, "unknown", reason="HTTP 500")]}]


@pytest.mark.parametrize(
    ("fail_on", "rows", "fails"),
    [
        ("never", ([], UNREAD), False),
        ("drift", ([], UNREAD), True),
        ("drift", ([], DRIFTED), True),
        ("drift", ([], REFUSED), True),
        ("drift", (ORPHANS, FINE), True),
        ("drift", ([], FINE), False),
        ("drift", ([], []), False),
        ("unknown", ([], UNREAD), True),
        ("unknown", (UNREAD_REGION, FINE), True),
        ("unknown", ([], DRIFTED), False),
        ("unknown", ([], REFUSED), False),
        ("unknown", (ORPHANS, FINE), False),
    ],
)
def test_fail_on_selects_the_verdicts_that_fail(fail_on, rows, fails) -> None:
    message = failure(drift.build(rows), fail_on, "/r/drift.html")
    assert bool(message) is fails
    if fails:
        assert "/r/drift.html" in message and f"fail_on (esa_ctr_report_fail_on) is {fail_on}" in message


def test_the_failure_names_hosts_and_regions() -> None:
    message = failure(SMALL, "drift", "/r/drift.html")
    assert message.startswith("Drift: 5 of 8 appliances not ok: esa7.example.com, esa3.example.com, ")
    assert "not ok in the region EUROPE (1 unknown, 1 refused, 3 drift, 3 ok), and fail_on" in message
    rows = [drift.appliance(f"esa{n}", worse=drift.timeframe()) for n in range(25)]
    assert "esa9 and 15 more" in failure(drift.build(([], rows)), "drift", "x")
