# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Appliances whose clocks are an hour ahead or behind: their messages are found, and the times of reports are those of the controller."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible
from tests.integration.support.drift_report import report_of
from tests.integration.support.lab import Lab
from tests.torture.conftest import Tally

AHEAD, RIGHT, BEHIND = "ahead.example.com", "right.example.com", "behind.example.com"
CLOCKS = {AHEAD: {"clock_ahead": 3600}, RIGHT: {}, BEHIND: {"clock_behind": 3600}}
ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET: dict[str, Any] = {
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        {"name": name, "region": "europe", "initial": ONBOARDED, "services": clock} for name, clock in CLOCKS.items()
    ],
}
ZONES = ("Pacific/Kiritimati", "America/St_Johns")


@pytest.mark.parametrize("zone", ZONES)
def test_messages_are_found_by_the_clock_of_the_appliance(lab: Lab, ansible: Ansible, tally: Tally, zone: str) -> None:
    run = ansible.playbook(
        "emailsec.ctr.verify",
        "-e",
        "esa_ctr_verify_timeout=15",
        "-e",
        "esa_ctr_verify_interval=0.3",
        environment={"TZ": zone},
    )
    rows = {row["host"]: row for result in run.results for row in result.values.get("rows") or []}
    assert all(re.fullmatch(r"[\d:]+ UTC", rows[host]["tracked"]) for host in CLOCKS), run.output
    # The module of an appliance that is ahead searches up to the time of the cloud, so its sighting comes an hour later.
    assert run.bad_hosts() == {AHEAD}, run.output
    assert "The clock of the appliance is 60 minutes ahead of that of CTR" in rows[AHEAD]["detail"]
    assert {rows[RIGHT]["result"], rows[BEHIND]["result"]} == {"ok"}
    tally.cases(len(CLOCKS))


@pytest.mark.parametrize("zone", ZONES)
def test_the_report_has_the_time_of_the_controller(lab: Lab, ansible: Ansible, tally: Tally, zone: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    run = ansible.playbook("emailsec.ctr.drift_report", environment={"TZ": zone})
    assert run.rc == 0, run.output
    created = datetime.fromisoformat(report_of(ansible)["created"].replace("Z", "+00:00"))
    assert timedelta() <= created - before < timedelta(minutes=2)
    tally.cases(1)
