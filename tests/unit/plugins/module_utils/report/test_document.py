# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift document is complete, sorted by verdict, compared with the last report, and matches its schema."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from ansible_collections.emailsec.ctr.plugins.module_utils._report import document as builder
from ansible_collections.emailsec.ctr.plugins.module_utils._report.document import BadRow
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.markdown import markdown_text
from ansible_collections.emailsec.ctr.plugins.module_utils._report.render.terminal import summary
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import WORST_FIRST, worst
from tests.samples import drift
from tests.unit.plugins.module_utils.report.drawn import SCHEMA, documents, faults


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"].endswith("2020-12/schema")
    assert SCHEMA["properties"]["schema_version"] == {"const": builder.SCHEMA_VERSION}
    assert tuple(SCHEMA["$defs"]["verdict"]["enum"]) == WORST_FIRST


@given(documents())
def test_any_document_matches_the_schema(document) -> None:
    assert faults(json.loads(json.dumps(document))) == []


@pytest.mark.parametrize("rows", [drift.small_rows(), drift.many_rows(50), drift.hostile_rows(), ([], [])])
def test_samples_match_the_schema(rows) -> None:
    assert faults(drift.build(rows)) == []
    if rows[1]:
        assert faults(drift.with_past(rows)) == []


def test_the_profiles_that_apply_are_named_in_every_form() -> None:
    document = drift.build(drift.small_rows(), profile=["one.yml", "two.yml"])
    assert faults(document) == []
    assert "Profile: one.yml, two.yml." in markdown_text(document)
    assert "Profile: one.yml, two.yml" in summary(document, 80)
    assert "profile" not in drift.build(drift.small_rows())
    assert "Profile:" not in "".join(summary(drift.build(drift.small_rows()), 80))


@pytest.mark.parametrize("key", ["counts", "previous", "history", "verdict"])
def test_a_missing_key_violates_the_schema(key) -> None:
    document = drift.build(drift.small_rows())
    del document[key]
    assert faults(document)


@given(documents())
def test_counts_and_verdicts_are_computed_from_the_checks(document) -> None:
    for row in document["appliances"]:
        assert row["verdict"] == worst(check["verdict"] for check in row["checks"])
    for region in document["regions"]:
        rows = [row["verdict"] for row in document["appliances"] if row["region"] == region["region"]]
        assert region["counts"] == {verdict: rows.count(verdict) for verdict in WORST_FIRST}
    all_verdicts = [row["verdict"] for row in document["appliances"]]
    assert document["counts"] == {verdict: all_verdicts.count(verdict) for verdict in WORST_FIRST}
    assert document["verdict"] == worst(row["verdict"] for row in [*document["regions"], *document["appliances"]])


@given(documents())
def test_the_worst_come_first(document) -> None:
    for rows in (document["appliances"], document["regions"]):
        places = [WORST_FIRST.index(row["verdict"]) for row in rows]
        assert places == sorted(places)


def test_equal_verdicts_keep_the_order_of_the_inventory() -> None:
    rows = [drift.appliance(f"esa{number}.example.com") for number in (3, 1, 2)]
    assert [row["host"][:4] for row in drift.build(([], rows))["appliances"]] == ["esa3", "esa1", "esa2"]


def test_an_appliance_without_checks_is_unknown() -> None:
    document = drift.build(([], [{"host": "esa1.example.com", "region": "europe", "checks": []}]))
    assert (document["verdict"], document["counts"]["unknown"], document["counts"]["ok"]) == ("unknown", 1, 0)


def test_a_given_verdict_counts_if_it_is_worse() -> None:
    row = {**drift.appliance("esa1.example.com"), "verdict": "refused"}
    assert drift.build(([], [row]))["appliances"][0]["verdict"] == "refused"
    row = {**drift.appliance("esa1.example.com", worse=drift.timeframe()), "verdict": "ok"}
    assert drift.build(([], [row]))["appliances"][0]["verdict"] == "drift"


def test_missing_values_and_regions_are_added() -> None:
    document = drift.build(([{"region": "apjc"}], [drift.appliance("esa1.example.com", "europe")]))
    shown = {
        region["region"]: (region["label"], region["portal_url"], region["quota"]) for region in document["regions"]
    }
    assert shown == {
        "apjc": ("APJC", "https://admin.apj.sse.itd.cisco.com", None),
        "europe": ("EUROPE", "https://admin.eu.sse.itd.cisco.com", None),
    }


def test_the_verdict_of_a_region_is_the_worst_of_its_checks_and_appliances() -> None:
    rows = (
        [drift.region("europe", orphans=1), drift.region("apjc")],
        [drift.appliance("a", "apjc", worse=drift.refused())],
    )
    verdicts = {region["region"]: region["verdict"] for region in drift.build(rows)["regions"]}
    assert verdicts == {"apjc": "refused", "europe": "drift"}


def test_a_document_contains_the_changes_since_the_last_report() -> None:
    rows = [drift.appliance(name) for name in ("a", "b", "c")]
    last = drift.build(([], rows), created="2026-11-24T07:06:43Z")
    rows = [drift.appliance("a"), drift.appliance("b", worse=drift.timeframe()), drift.appliance("d", "apjc")]
    assert drift.build(([], rows), last=last)["previous"] == {
        "created": "2026-11-24T07:06:43Z",
        "counts": {"unknown": 0, "refused": 0, "drift": 0, "ok": 3},
        "changed": [{"host": "b", "region": "europe", "from": "ok", "to": "drift"}],
        "added": [{"host": "d", "region": "apjc", "verdict": "ok"}],
        "gone": [{"host": "c", "region": "europe", "verdict": "ok"}],
    }


def test_the_history_ends_with_this_report() -> None:
    past = [{"created": "2026-11-24T07:06:43Z", "counts": dict.fromkeys(WORST_FIRST, 3), "schema_version": 1}]
    document = drift.build(drift.small_rows(), history=past)
    assert [entry["created"] for entry in document["history"]] == ["2026-11-24T07:06:43Z", document["created"]]
    assert document["history"][-1]["counts"] == document["counts"]
    assert set(document["history"][0]) == {"created", "counts"}


@pytest.mark.parametrize(
    ("regions", "appliances", "said"),
    [
        ([], [{"region": "europe"}], "appliances[0] has no host"),
        ([], [{"host": "a"}], "the appliance a has no region"),
        ([], ["a"], "appliances[0] must be a dictionary, not str"),
        ([{}], [], "regions[0] has no region"),
        ([{"region": "europe"}] * 2, [], "duplicate region: europe"),
        ([], [drift.appliance("a")] * 2, "duplicate appliance: a"),
        (
            [],
            [{"host": "a", "region": "r", "checks": [{"check": "server"}]}],
            "server of the appliance a has the verdict None",
        ),
        (
            [],
            [{"host": "a", "region": "r", "checks": [{"verdict": "ok"}]}],
            "checks[0] of the appliance a has no check",
        ),
        ([], [{"host": "a", "region": "r", "verdict": "fine"}], "the appliance a has the verdict 'fine'"),
        ([{"region": "r", "quota": {"limit": "many", "remaining": 1}}], [], "the quota of the region r"),
    ],
)
def test_an_invalid_row_is_refused_and_named(regions, appliances, said) -> None:
    with pytest.raises(BadRow) as error:
        drift.build((regions, appliances))
    assert said in str(error.value)
