# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An appliance whose region in the inventory has changed: refused by default, moved completely if that is allowed."""

from __future__ import annotations

import copy

import pytest

from tests.integration.support.failures import report_row
from tests.integration.support.ports import closed_port
from tests.integration.support.processes import kill_when

ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET = {
    "settings": {"registration_seconds": 0.5, "busy_seconds": 0.5},
    "appliances": [
        {"name": "m1.example.com", "region": "europe", "initial": ONBOARDED},
        {
            "name": "m2.example.com",
            "region": "europe",
            "generation": 1,
            "version": "13.5.1-277",
            "dialect": {"servers": ["AMERICAS (api-sse.cisco.com)", "EUROPE (api.eu.sse.itd.cisco.com)"]},
            "initial": {**ONBOARDED, "module": "Another name"},
        },
        {"name": "stays.example.com", "region": "europe", "initial": ONBOARDED},
        {
            "name": "other.example.com",
            "region": "apjc",
            "initial": {"enabled": True, "region": "apjc", "registered": True},
        },
    ],
}
MOVERS = ["m1.example.com", "m2.example.com"]
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=20")
ALLOWED = ("-e", "esa_ctr_allow_region_change=true")
AMERICAS, EUROPE = "api-sse.cisco.com", "api.eu.sse.itd.cisco.com"


@pytest.fixture
def onboard(lab, ansible):
    """Return an inventory with americas for the appliances that move; the other appliance is not in the play."""
    inventory = ansible.inventory("moved.yml", dict.fromkeys(MOVERS, {"esa_ctr_region": "americas"}))

    def run(*arguments, watch=None, **variables):
        more = ["-i", ansible.inventory("variables.yml", {}, **variables)] if variables else []
        chosen = [] if "--limit" in arguments else ["--limit", "!other.example.com"]
        return ansible.playbook(
            "emailsec.ctr.onboard", "-i", inventory, *more, *QUICK, *chosen, *arguments, watch=watch
        )

    return run


def names_in(lab, region):
    """Return the names of devices, and of modules."""
    held = lab.state()["regions"][region]
    return {device["name"] for device in held["devices"]}, {module["name"] for module in held["module_instances"]}


@pytest.mark.parametrize("check", [[], ["--check"]], ids=["run", "check"])
def test_a_move_is_refused_by_default_before_any_write_with_the_command_to_allow_it(lab, onboard, check):
    run = onboard(*check)
    assert run.bad_hosts() == set(MOVERS)
    assert lab.writes() == []
    for host in MOVERS:
        assert (
            f"the appliance is registered with {EUROPE}, but the inventory requires {AMERICAS} (americas). Fix: correct "
            "esa_ctr_region, or move the appliance: ansible-playbook -i INVENTORY emailsec.ctr.onboard "
            f"--limit {host} -e esa_ctr_allow_region_change=true"
        ) in report_row(run, host)
        assert "DEREGISTER" not in lab.typed(host)
    assert "ok" in report_row(run, "stays.example.com")


def test_an_allowed_move_is_predicted_and_done_completely_once(lab, onboard):
    """A device of another appliance with the same name in a third region is reported and not removed."""
    other = lab.device("apjc", "other.example.com")
    lab.ask("apjc", "PATCH", f"/iroh/iroh-sse/device/{other['id']}", {"name": "m1.example.com"})
    before = lab.state()
    begin = len(lab.writes())

    check = onboard("--check", "--diff", *ALLOWED)
    assert check.rc == 0, check.output
    assert len(lab.writes()) == begin
    assert lab.state()["regions"] == before["regions"]

    run = onboard("--diff", *ALLOWED)
    assert run.rc == 0, run.output
    assert check.changes() == run.changes()
    for host in MOVERS:
        assert lab.is_onboarded(host, "americas")
        assert lab.appliance(host)["server"] == AMERICAS
        for told in (check, run):
            assert (
                f"deregister; set the server to {AMERICAS}; commit (emailsec.ctr); register with a registration token; "
                "CTR module of europe deleted; SSE record of europe deleted; module created"
            ) in report_row(told, host)
        typed = lab.typed(host)
        between = typed[typed.index("DEREGISTER") : typed.index("REGISTER")]
        assert between.index("SETTRS") < between.index("commit")
    assert names_in(lab, "europe") == ({"stays.example.com"}, {"stays.example.com"})
    note = f"also in the SSE of apjc: device {other['id']}, Registered"
    assert note in report_row(check, "m1.example.com") and note in report_row(run, "m1.example.com")
    assert lab.device("apjc", "m1.example.com")["id"] == other["id"]

    again = onboard(*ALLOWED)
    assert (again.rc, again.changes()) == (0, set()), again.output
    assert note in report_row(again, "m1.example.com")
    without = onboard("--limit", "m1.example.com")
    assert (without.rc, without.changes()) == (0, set()), without.output
    assert note in report_row(without, "m1.example.com"), "always reported"


def deregistered(lab):
    return not lab.appliance("m1.example.com")["registered"]


def registered_anew(lab):
    device = lab.device("americas", "m1.example.com")
    return bool(device and device["status"] == "Registered" and not lab.appliance("m1.example.com")["registering"])


@pytest.mark.parametrize("moment", [deregistered, registered_anew], ids=lambda moment: moment.__name__)
def test_the_next_run_finishes_a_killed_move(lab, onboard, moment):
    killed = onboard(*ALLOWED, "--limit", "m1.example.com", watch=kill_when(lambda: moment(lab)))
    assert killed.rc == -9, killed.output
    assert "m1.example.com" in names_in(lab, "europe")[0], "the move must not be complete"
    run = onboard(*ALLOWED, "--limit", "m1.example.com")
    assert run.rc == 0, run.output
    assert lab.is_onboarded("m1.example.com", "americas")
    assert "m1.example.com" not in names_in(lab, "europe")[0] | names_in(lab, "europe")[1]
    assert "SSE record of europe deleted" in report_row(run, "m1.example.com")


def test_an_unreachable_old_region_is_reported_and_a_later_run_cleans_it_up(lab, onboard):
    accounts = copy.deepcopy(lab.regions)
    for account in accounts.values():
        account["ca_path"] = str(lab.folder / "ca.pem")
    with closed_port() as port:
        accounts["europe"]["api_url"] = f"https://127.0.0.1:{port}"
        run = onboard(*ALLOWED, "--limit", "m1.example.com", esa_ctr_regions=accounts)
    assert run.bad_hosts() == {"m1.example.com"}
    assert lab.is_onboarded("m1.example.com", "americas")
    row = report_row(run, "m1.example.com")
    assert "moved to americas, but its SSE record and CTR module in europe still exist" in row
    assert "rerun with esa_ctr_allow_region_change" in row
    assert "Note: europe: its devices could not be read" in run.output
    later = onboard(*ALLOWED, "--limit", "m1.example.com")
    assert later.rc == 0, later.output
    assert "CTR module of europe deleted; SSE record of europe deleted" in report_row(later, "m1.example.com")
    assert "m1.example.com" not in names_in(lab, "europe")[0] | names_in(lab, "europe")[1]
