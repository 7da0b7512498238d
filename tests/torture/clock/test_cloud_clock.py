# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clock of the cloud is an hour off: tokens and pauses follow that clock, and nothing else follows it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.support.ansible import Ansible, Run
from tests.integration.support.lab import TOKEN, Call, Lab
from tests.integration.support.two_runs import rows_of
from tests.torture.conftest import Tally

NAMES = [f"e{number}.example.com" for number in range(1, 4)]
FLEET: dict[str, Any] = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.05},
    "services": {"rest_api": True, "smtp": True},
    "appliances": [{"name": name, "region": "europe"} for name in NAMES],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=20")
VERIFY = ("-e", "esa_ctr_verify_timeout=6", "-e", "esa_ctr_verify_interval=0.3")
CLOCKS = {"ahead": {"clock_ahead": 3600}, "right": {}, "behind": {"clock_behind": 3600}}
DEVICE = "/iroh/iroh-sse/device"


@pytest.fixture(params=CLOCKS)
def clock(request: pytest.FixtureRequest, lab: Lab) -> str:
    """Set the clock of the region, and return its name."""
    lab.switch(region="europe", set=CLOCKS[request.param])
    return str(request.param)


def onboard(ansible: Ansible, *more: str) -> Run:
    return ansible.playbook("emailsec.ctr.onboard", *QUICK, *more)


def tokens_of(lab: Lab, name: str) -> list[str]:
    return [line for line in lab.typed(name) if TOKEN.fullmatch(line)]


def added(lab: Lab) -> list[Call]:
    return [call for call in lab.calls() if call.get("method") == "POST" and call.get("path") == DEVICE]


def test_onboarding_and_verification(lab: Lab, ansible: Ansible, tally: Tally, clock: str) -> None:
    lab.fault("error", method="POST", path=DEVICE, status=429, retry_after=3, retry_after_form="date")
    run = onboard(ansible)
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    assert all(lab.is_onboarded(name, "europe") for name in NAMES)
    assert all(len(tokens_of(lab, name)) == 1 for name in NAMES), "no token is wasted"
    refused, again = added(lab)[:2]
    assert refused["status"] == 429
    pause = datetime.fromisoformat(again["at"]) - datetime.fromisoformat(refused["at"])
    assert timedelta(seconds=1.5) < pause < timedelta(seconds=10), "the date of the server is read by its own clock"

    verified = ansible.playbook("emailsec.ctr.verify", *VERIFY)
    rows = {row["host"]: row for result in verified.results for row in result.values.get("rows") or []}
    assert all(re.fullmatch(r"[\d:]+ UTC", rows[name]["tracked"]) for name in NAMES), verified.output
    # A region that is behind searches up to its own time, so the sighting of a message comes an hour later.
    late = set(NAMES) if clock == "behind" else set()
    assert verified.bad_hosts() == late, verified.output
    named = "The clock of the appliance is 60 minutes ahead of that of CTR"
    assert {name for name in NAMES if named in (rows[name]["detail"] or "")} == late

    rerun = onboard(ansible)
    assert (rerun.rc, rerun.changes()) == (0, set()), rerun.output
    tally.cases(len(NAMES))


def test_tokens_that_expire_are_named_by_the_clock_of_the_cloud(
    lab: Lab, ansible: Ansible, tally: Tally, clock: str
) -> None:
    lab.switch(region="europe", set={**CLOCKS[clock], "token_seconds": 8})
    # The tokens wait until the answer to the last one comes.
    lab.fault("hold", method="POST", path_regex=".*/device", acts=True, skip=len(NAMES) - 1, seconds=9)
    run = onboard(ansible)
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    for name in NAMES:
        assert lab.is_onboarded(name, "europe")
        assert len(tokens_of(lab, name)) == 2, "the expired token and the new one"
        assert "the registration token expired before it was used" in rows_of(run)[name]["detail"]
    tally.cases(len(NAMES))


def test_tokens_that_another_run_replaced_have_not_expired(
    lab: Lab, ansible: Ansible, tally: Tally, clock: str
) -> None:
    lab.fault("hold", method="POST", path_regex=".*/device", acts=True, skip=len(NAMES) - 1, seconds=9)

    def replace_tokens(process: Any) -> None:
        while not lab.faults()[0]["done"] and process.poll() is None:
            pass
        for device in lab.state()["regions"]["europe"]["devices"]:
            lab.ask("europe", "POST", f"{DEVICE}/{device['id']}/token", {})
        lab.remove_faults()

    run = ansible.playbook("emailsec.ctr.onboard", *QUICK, watch=replace_tokens)
    assert (run.rc, run.bad_hosts()) == (0, set()), run.output
    for name in NAMES:
        assert "changed by another run meanwhile" in rows_of(run)[name]["detail"]
        assert "expired" not in rows_of(run)[name]["detail"]
    tally.cases(len(NAMES))


def test_the_appliance_decides_about_a_token_that_only_the_controller_calls_expired(
    lab: Lab, ansible: Ansible, tally: Tally
) -> None:
    """By the clock of the controller, a token expired an hour ago, one does in an hour, and one did surely too long ago."""
    hours = {NAMES[0]: -1, NAMES[1]: 1, NAMES[2]: -3}
    lines = [
        {
            "name": name,
            "region": "europe",
            "token": lab.token("europe", f"portal-{name}"),
            "expires_at": (datetime.now(UTC) + timedelta(hours=ago)).isoformat(),
        }
        for name, ago in hours.items()
    ]
    saved = ansible.folder / "tokens.jsonl"
    saved.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    before = lab.appliance(NAMES[2])
    run = onboard(ansible, "-e", f"esa_ctr_token_file={saved}")
    assert run.bad_hosts() == {NAMES[2]}, run.output
    assert all(lab.is_onboarded(name, "europe") for name in NAMES[:2])
    assert "its token expired at" in rows_of(run)[NAMES[2]]["detail"]
    assert {**lab.appliance(NAMES[2]), "logins": 0} == {**before, "logins": 0}, "nothing was written"
    tally.cases(len(NAMES))
