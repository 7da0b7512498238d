# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every link between appliance and investigation is broken, alone and with another: the diagnosis names the first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.integration.support.ansible import Run
from tests.integration.support.broken_links import QUERY, SMA, TWIN, Broken, more, pairs, singles
from tests.integration.support.ports import closed_port

ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
HEALTHY = Broken("healthy.example.com", ())
SINGLE, PAIRED, MORE = singles(), pairs(), more()
FLEET: dict[str, Any] = {
    "settings": {"handshake_seconds": 0.0},
    "appliances": [
        {"name": SMA, "product": "SMA", "region": "europe", "initial": ONBOARDED},
        *(one.entry() for one in (HEALTHY, *SINGLE, *PAIRED, *MORE)),
    ],
}
QUICK = ("-e", "esa_ctr_diagnose_busy_pause=1", "--forks", "8")
SECONDS = 400


@pytest.fixture
def diagnose(lab, ansible):
    """Break the links of these appliances and diagnose them; return the run and its rows by host."""

    def run(
        appliances: Iterable[Broken], hosts: dict[str, dict[str, Any]] | None = None
    ) -> tuple[Run, dict[str, dict[str, Any]]]:
        for one in appliances:
            one.break_in(lab)
        with closed_port() as port:
            variables = {**{one.name: one.variables(port) for one in appliances}, **(hosts or {})}
            inventory = ansible.inventory("override.yml", variables, esa_ctr_diagnose_query=QUERY)
            limit = ansible.write("limit.txt", None)
            limit.write_text("\n".join(variables))
            done = ansible.playbook(
                "emailsec.ctr.diagnose", "-i", inventory, "--limit", f"@{limit}", *QUICK, seconds=SECONDS
            )
        assert done.rc == 0, done.output
        rows = json.loads((ansible.folder / "esa-ctr-report" / "diagnosis.json").read_text())["rows"]
        return done, {row["host"]: row for row in rows}

    return run


def wrong(appliances: Iterable[Broken], rows: dict[str, dict[str, Any]]) -> list[str]:
    """Return a line for each wrong diagnosis."""
    found = [(one, rows[one.name]) for one in appliances]
    return [
        f"{one.name}: {row['code']} in place of {one.code}: {row['evidence']}"
        for one, row in found
        if row["code"] != one.code
    ]


def test_each_single_broken_link_is_found(lab, diagnose):
    appliances = [HEALTHY, *SINGLE]
    run, rows = diagnose(appliances)
    assert wrong(appliances, rows) == []
    for one in SINGLE:
        [broken], row = one.breaks, rows[one.name]
        for text in broken.evidence:
            assert text in row["evidence"], row
        for text in broken.fix:
            assert text in row["fix"], row
        assert row["portal_url"] == "https://admin.eu.sse.itd.cisco.com"
        assert row["page"] == f"docs/troubleshooting.md#{one.code}"
    assert run.changes() == set()
    assert lab.writes() == []
    print(f"findings covered, single: {len(SINGLE)}")


def test_the_first_of_two_broken_links_is_found(lab, diagnose):
    run, rows = diagnose(PAIRED)
    assert wrong(PAIRED, rows) == []
    assert run.changes() == set()
    assert lab.writes() == []
    print(f"findings covered, paired: {len(PAIRED)}")


def test_other_ways_to_break_a_link_are_found(lab, diagnose, ansible):
    """Links that break in several ways, or that need more than one host or module."""
    [twin] = [one for one in MORE if one.name == TWIN]
    shared = {**lab.variables(), "esa_ctr_region": "europe", "ansible_host": "127.0.0.1"}
    other = {**shared, "ansible_port": lab.appliance(TWIN)["port"], "esa_ctr_diagnose_tracking": "never"}
    _run, rows = diagnose(MORE, hosts={SMA: {}, "second-name": other})
    assert wrong(MORE, rows) == []
    for one in MORE:
        for broken in one.breaks:
            for text in broken.evidence:
                assert text in rows[one.name]["evidence"], rows[one.name]
    assert rows["second-name"]["code"] == twin.code == "same_host_name"
    assert TWIN in rows["second-name"]["evidence"]
    assert lab.writes() == []
    print(f"other ways: {len(MORE)}")
