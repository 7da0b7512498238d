# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures of a whole region, alone and together with broken links of single appliances.

Each region has the same appliances: a healthy one, and one for each kind of link.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.support.broken_links import BREAKS, QUERY, Broken

OWN = ("not_reachable", "not_enabled", "never_registered", "module_missing", "module_disabled", "module_unhealthy")
REGIONS = ("europe", "americas", "apjc")
BEFORE_CLOUD = {"not_reachable", "not_enabled"}
BEFORE_MODULES = BEFORE_CLOUD | {"never_registered"}
BEFORE_HEALTH = BEFORE_MODULES | {"module_missing", "module_disabled"}


def fleet_of(region: str) -> list[Broken]:
    broken = [Broken(f"{one.code.replace('_', '-')}.{region}.example.com", (one,)) for one in BREAKS if one.code in OWN]
    return [Broken(f"healthy.{region}.example.com", ()), *broken]


FLEET: dict[str, Any] = {
    "settings": {"handshake_seconds": 0.0},
    "appliances": [
        {**one.entry(region), "services": {"rest_api": False}} for region in REGIONS for one in fleet_of(region)
    ],
}


@pytest.fixture
def diagnose(lab, ansible):
    """Break the links of all appliances, and diagnose them; return the output, and the rows by host."""

    def run(query: str = QUERY, *arguments: str) -> tuple[Any, dict[str, dict[str, Any]]]:
        variables = {}
        for region in REGIONS:
            for one in fleet_of(region):
                one.break_in(lab, region)
                variables[one.name] = {**one.variables(9), "esa_ctr_diagnose_tracking": "never"}
        return diagnosed(ansible, variables, query, *arguments)

    return run


def diagnosed(ansible, variables, query, *arguments):
    inventory = ansible.inventory("override.yml", variables, esa_ctr_diagnose_query=query)
    done = ansible.playbook(
        "emailsec.ctr.diagnose", "-i", inventory, "-e", "esa_ctr_diagnose_busy_pause=0", *arguments, seconds=300
    )
    assert done.rc == 0, done.output
    document = json.loads((ansible.folder / "esa-ctr-report" / "diagnosis.json").read_text())
    return done, {row["host"]: row for row in document["rows"]}


def expected(region: str, code: str, before: set[str]) -> dict[str, str]:
    """Return the expected findings of a region that is broken at this link, which links ``before`` it hide."""
    return {one.name: one.code if one.code in before else code for one in fleet_of(region)}


def codes(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {host: row["code"] for host, row in rows.items()}


def evidence(rows: dict[str, dict[str, Any]], region: str) -> str:
    return rows[f"healthy.{region}.example.com"]["evidence"]


def test_quota_and_missing_scope_for_devices(lab, diagnose) -> None:
    lab.switch(region="europe", set={"quota_used_up": True})
    lab.switch(region="americas", set={"scopes": ["integration", "enrich:read", "inspect:read"]})
    run, rows = diagnose()
    assert codes(rows) == {
        **expected("europe", "quota_used_up", BEFORE_CLOUD),
        **expected("americas", "scope_missing", BEFORE_CLOUD),
        **{one.name: one.code for one in fleet_of("apjc")},
    }
    assert "429" in evidence(rows, "europe")
    assert "sse" in evidence(rows, "americas") and "403" in evidence(rows, "americas")
    assert rows["healthy.americas.example.com"]["portal_url"] == "https://admin.sse.itd.cisco.com"
    assert run.changes() == set() and lab.writes() == []
    assert "docs/troubleshooting.md" in run.output


def test_missing_scopes_of_later_stages_and_disabled_threat_response(lab, diagnose) -> None:
    lab.switch(region="europe", set={"scopes": ["sse", "enrich:read", "inspect:read"]})
    lab.switch(region="americas", set={"scopes": ["sse", "integration"]})
    lab.switch(region="apjc", set={"ctr_enabled": False})
    run, rows = diagnose()
    assert codes(rows) == {
        **expected("europe", "scope_missing", BEFORE_MODULES),
        **expected("americas", "scope_missing", BEFORE_HEALTH),
        **expected("apjc", "ctr_not_enabled_in_sse", BEFORE_MODULES),
    }
    assert "integration" in evidence(rows, "europe")
    assert "enrich" in evidence(rows, "americas")
    fix = rows["healthy.apjc.example.com"]["fix"]
    assert "Cloud Services" in fix and "https://admin.apj.sse.itd.cisco.com" in fix
    assert run.changes() == set() and lab.writes() == []


def test_an_unusable_api_and_an_invalid_query(lab, diagnose) -> None:
    account = {**lab.variables_of_all()["esa_ctr_regions"]}
    account["europe"] = {**account["europe"], "client_password": "wrong"}
    _run, rows = diagnose('subject:"Invoice Due"', "-e", json.dumps({"esa_ctr_regions": account}))
    # After the health of the module, only the query is left to check.
    assert codes(rows) == {
        **expected("europe", "api_not_usable", BEFORE_CLOUD),
        **expected("americas", "query_syntax", {*BEFORE_HEALTH, "module_unhealthy"}),
        **expected("apjc", "query_syntax", {*BEFORE_HEALTH, "module_unhealthy"}),
    }
    assert "401" in evidence(rows, "europe")
    assert 'email_subject:"Invoice Due"' in rows["healthy.apjc.example.com"]["fix"]
    assert "subject" in evidence(rows, "apjc")


def test_check_mode_makes_no_difference(lab, diagnose, ansible) -> None:
    run, rows = diagnose()
    assert run.changes() == set() and lab.writes() == []
    variables = {
        one.name: one.variables(9) | {"esa_ctr_diagnose_tracking": "never"} for r in REGIONS for one in fleet_of(r)
    }
    again, same = diagnosed(ansible, variables, QUERY, "--check", "--diff")
    assert codes(same) == codes(rows) == {one.name: one.code for region in REGIONS for one in fleet_of(region)}
    assert again.changes() == set() and lab.writes() == []


def test_without_a_query_no_sighting_is_requested(lab, diagnose) -> None:
    """Without a query, the diagnosis ends with the health of the modules."""
    _run, rows = diagnose("")
    assert codes(rows) == {one.name: one.code for region in REGIONS for one in fleet_of(region)}
    assert not [call for call in lab.calls() if "observe" in str(call.get("path"))]
