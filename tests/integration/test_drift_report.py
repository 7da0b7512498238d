# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift report writes nothing, is the same in check mode, and needs few API calls for any fleet."""

from __future__ import annotations

import copy
import time
from collections import Counter

import pytest

from tests.integration.support.drift_report import (
    FOLDER,
    appliances,
    check,
    compared,
    regions,
    remove_report,
    report_of,
    verdicts,
)
from tests.integration.support.lab import writes
from tests.integration.support.recorded_steps import steps_typed
from tests.lab.fleet import read_fleet

DONE = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET = {
    "settings": {"registration_seconds": 0.1, "busy_seconds": 0.1},
    "appliances": [
        {"name": "off.example.com", "region": "europe"},
        {"name": "old.example.com", "region": "europe", "generation": 1},
        {"name": "wrong.example.com", "region": "europe", "initial": {"enabled": True, "region": "americas"}},
        {"name": "moved.example.com", "region": "europe", "initial": {**DONE, "region": "americas"}},
        {"name": "done.example.com", "region": "europe", "initial": DONE},
        {"name": "ghost.example.com", "region": "europe", "initial": {**DONE, "device": "absent"}},
        {
            "name": "module.example.com",
            "region": "europe",
            "initial": {**DONE, "module": False, "modules": [{"name": "Old name", "days": 7, "enabled": False}]},
        },
        {
            "name": "twice.example.com",
            "region": "europe",
            "initial": {
                "records": [
                    {"region": "europe", "name": "orphan.example.com", "status": "Unregistered", "type": "ESA"},
                    {"region": "europe", "status": "Pending"},
                    {"region": "europe", "status": "Unregistered", "type": "ESA"},
                ],
                "modules": [{"region": "europe", "name": "Stray", "device": "gone"}],
            },
        },
    ],
}
SPECS = {spec.name: spec for spec in read_fleet("drift", FLEET).appliances}
READING = {"version", "showchanges", "cloudserviceconfig", "threatresponseconfig", "SETTRS", "ENABLE", "^C", "", "exit"}
EVERYTHING = ("-e", "esa_ctr_allow_region_change=true", "-e", "esa_ctr_prune=true")


@pytest.mark.parametrize("options", [(), EVERYTHING], ids=["as usual", "with all that a run may do"])
def test_nothing_is_written_and_check_mode_gives_the_same_report(lab, ansible, options):
    documents = []
    before = lab.state()
    for mode in ((), ("--check", "--diff")):
        seen = len(lab.calls())
        run = ansible.playbook("emailsec.ctr.drift_report", *options, *mode)
        assert (run.rc, run.changes()) == (0, set()), run.output
        assert {counts["changed"] for counts in run.recap.values()} == {0}
        calls = lab.calls()[seen:]
        assert writes(calls) == []
        assert {call["line"] for call in calls if call["kind"] == "cli"} <= READING
        assert {call["method"] for call in calls if call["kind"] == "http" and "/oauth2/" not in call["path"]} == {
            "GET"
        }
        for spec in SPECS.values():
            assert steps_typed(calls, spec) == []
        documents.append(report_of(ansible))
        remove_report(ansible)
    assert compared(documents[0]) == compared(documents[1])
    after = lab.state()
    for state in (before, after):
        for box in state["appliances"].values():
            box["logins"] = 0
    assert after == before


def test_the_steps_that_are_allowed_are_predicted(lab, ansible):
    ansible.playbook("emailsec.ctr.drift_report")
    usual = report_of(ansible)
    assert verdicts(usual) == {
        **dict.fromkeys(("off.example.com", "old.example.com", "wrong.example.com", "module.example.com"), "drift"),
        **dict.fromkeys(("moved.example.com", "ghost.example.com", "twice.example.com"), "refused"),
        "done.example.com": "ok",
    }
    assert check(regions(usual)["europe"], "orphans")["step"] is None
    ansible.playbook("emailsec.ctr.drift_report", *EVERYTHING)
    allowed = report_of(ansible)
    assert verdicts(allowed)["moved.example.com"] == "drift"
    assert appliances(allowed)["moved.example.com"]["steps"][0] == "deregister"
    assert appliances(allowed)["moved.example.com"]["steps"][-3:] == [
        *("CTR module of americas deleted", "SSE record of americas deleted", "module created"),
    ]
    europe = regions(allowed)["europe"]
    assert check(europe, "orphans")["step"] == "1 SSE record deleted"
    assert check(europe, "stray_modules")["step"] == "1 CTR module deleted"
    changed = {entry["host"]: (entry["from"], entry["to"]) for entry in allowed["previous"]["changed"]}
    assert changed == {"moved.example.com": ("refused", "drift")}


def calls_by_region(lab, since):
    return Counter(call["region"] for call in lab.calls()[since:] if call["kind"] == "http")


def test_a_report_needs_at_most_six_calls_per_region_for_any_fleet(lab, ansible):
    """Calls: log-in, devices, module types, modules of each product. A region without appliances needs two."""
    for hosts in ("done.example.com", "all"):
        seen = len(lab.calls())
        run = ansible.playbook("emailsec.ctr.drift_report", "--limit", hosts)
        assert run.rc == 0, run.output
        assert calls_by_region(lab, seen) == {"europe": 5, "americas": 2, "apjc": 2}
        logins = [call for call in lab.calls()[seen:] if call["kind"] == "http" and "/oauth2/" in call["path"]]
        assert Counter(call["region"] for call in logins) == {"europe": 1, "americas": 1, "apjc": 1}


def test_a_region_without_an_account_gets_no_calls(lab, ansible):
    accounts = copy.deepcopy(lab.regions)
    del accounts["apjc"]
    for account in accounts.values():
        account["ca_path"] = str(lab.folder / "ca.pem")
    inventory = ansible.inventory("accounts.yml", {}, esa_ctr_regions=accounts)
    seen = len(lab.calls())
    run = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory, "--limit", "done.example.com")
    assert run.rc == 0, run.output
    assert calls_by_region(lab, seen) == {"europe": 5, "americas": 2}


def test_one_log_in_per_appliance_with_progress(lab, ansible):
    before = {name: box["logins"] for name, box in lab.state()["appliances"].items()}
    run = ansible.playbook("emailsec.ctr.drift_report")
    after = {name: box["logins"] - before[name] for name, box in lab.state()["appliances"].items()}
    assert set(after.values()) == {1}
    assert "8 of 8 read, 0 failed" in run.output


def test_the_output_ends_with_the_summary_and_the_path_of_the_page(lab, ansible):
    run = ansible.playbook("emailsec.ctr.drift_report")
    lines = run.output[: run.output.index("PLAY RECAP")].splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("Drift: "))
    summary = [line for line in lines[place:] if line and not line.startswith("ok: ")]
    assert len(summary) <= 5
    assert summary[-1] == f"Report: {ansible.folder / FOLDER / 'drift.html'}"
    assert (ansible.folder / FOLDER / "drift.html").stat().st_size > 10_000


def test_verdict_and_counts_are_statistics_of_the_run_for_a_workflow(lab, ansible):
    run = ansible.playbook("emailsec.ctr.drift_report", environment={"ANSIBLE_SHOW_CUSTOM_STATS": "true"})
    assert run.rc == 0, run.output
    document = report_of(ansible)
    stats = run.output.split("CUSTOM STATS: ", 1)[1]
    assert f'"verdict": "{document["verdict"]}"' in stats and "drift.html" in stats
    assert len(stats) < 1000, "the artifacts of a job are short for any fleet"


def test_the_next_report_lists_the_changes(lab, ansible):
    ansible.playbook("emailsec.ctr.drift_report")
    assert report_of(ansible)["previous"] is None
    lab.switch(appliance="done.example.com", set={"device": "unregistered"})
    time.sleep(1)  # a report is identified by its time in seconds
    run = ansible.playbook("emailsec.ctr.drift_report")
    changed = report_of(ansible)["previous"]["changed"]
    assert changed == [{"host": "done.example.com", "region": "europe", "from": "ok", "to": "refused"}]
    assert "1 worse (done.example.com ok to refused)" in run.output
    assert len(report_of(ansible)["history"]) == 2
