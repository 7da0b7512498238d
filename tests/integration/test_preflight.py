# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wrong setting anywhere stops the play before anything is written, and all of them are named at once."""

from __future__ import annotations

import copy

import pytest

FLEET = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1},
    "appliances": [
        {"name": "e1.example.com", "region": "europe"},
        {"name": "e2.example.com", "region": "europe"},
        {"name": "e3.example.com", "region": "europe"},
        {"name": "e4.example.com", "region": "europe"},
        {"name": "e5.example.com", "region": "europe"},
        {"name": "e6.example.com", "region": "europe"},
        {"name": "us1.example.com", "region": "americas"},
        {"name": "ap1.example.com", "region": "apjc"},
        {"name": "none.example.com"},
        {"name": "unknown.example.com", "region": "emea"},
    ],
}
WRONG = {
    "e1.example.com": {"esa_ctr_module_name": "Mail"},
    "e2.example.com": {"esa_ctr_module_name": "Mail"},
    "e3.example.com": {"esa_ctr_request_timeframe_days": 366},
    "e4.example.com": {"esa_ctr_request_timeframe_days": "ten"},
    "e5.example.com": {"esa_ctr_managed_by_sma": "sma1.example.com"},
    "e6.example.com": {"esa_ctr_request_timeframe_days": -1},
}
# each problem with its remedy
PROBLEMS = [
    ("europe: 2 appliances would get the module name 'Mail'", "set esa_ctr_module_name per host"),
    ("e3.example.com: esa_ctr_request_timeframe_days is 366", "from 1 to 365"),
    ("e4.example.com: esa_ctr_request_timeframe_days is 'ten'", "from 1 to 365"),
    ("e6.example.com: esa_ctr_request_timeframe_days is -1", "from 1 to 365"),
    ("e5.example.com: is managed by the SMA sma1.example.com", "integrate the SMA"),
    ("americas: no client_id for this region", "esa_ctr_regions.americas.client_id"),
    ("americas: no client_password for this region", "esa_ctr_regions.americas.client_password"),
    (
        "apjc: api_url https://visibility.eu.amp.cisco.com belongs to the region europe",
        "leave out esa_ctr_regions.apjc.api_url",
    ),
    ("none.example.com: esa_ctr_region is not set", "one of americas, europe, apjc"),
    ("unknown.example.com: unknown region 'emea'", "one of americas, europe, apjc"),
    ("esa_ctr_regions: unknown region 'africa'", "one of americas, europe, apjc"),
]


@pytest.fixture
def accounts(lab):
    accounts = copy.deepcopy(lab.regions)
    for account in accounts.values():
        account["ca_path"] = str(lab.folder / "ca.pem")
    return accounts


@pytest.fixture
def wrong(ansible, accounts):
    accounts["africa"] = {"client_id": "x", "client_password": "y"}
    accounts["apjc"]["api_url"] = "https://visibility.eu.amp.cisco.com"
    del accounts["americas"]["client_id"], accounts["americas"]["client_password"]
    return ansible.inventory("wrong.yml", WRONG, esa_ctr_regions=accounts)


SMA_NOTE = "sma1.example.com: this SMA is neither in the play nor registered in europe."


def assert_nothing_was_touched(lab):
    """Not a line on an appliance; of a cloud, at most its devices are read, to find an SMA."""
    asked = {(call["kind"], call.get("method"), call.get("path", "").partition("?")[0]) for call in lab.calls()}
    assert asked <= {("http", "POST", "/iroh/oauth2/token"), ("http", "GET", "/iroh/iroh-sse/device")}
    assert not any(call["write"] for call in lab.calls())
    assert {box["logins"] for box in lab.state()["appliances"].values()} == {0}


@pytest.mark.parametrize("playbook", ["onboard", "remove", "drift_report"])
def test_all_problems_are_named_at_once_before_anything_is_touched(lab, ansible, wrong, playbook):
    run = ansible.playbook(f"emailsec.ctr.{playbook}", "-i", wrong)
    assert run.rc != 0, run.output
    failed = [result for result in run.results if result.status == "failed"]
    assert len(failed) == 1, failed
    messages = failed[0].values["msg"]
    assert messages[0] == "Nothing was written. Mend this first:"
    for problem, remedy in PROBLEMS:
        found = [message for message in messages[1:] if problem in message]
        assert len(found) == 1, (problem, messages)
        assert remedy in found[0].partition("Remedy: ")[2], found
        assert problem in run.output
    assert messages[-1].startswith(SMA_NOTE), messages
    assert len(messages) == len(PROBLEMS) + 2, messages
    assert_nothing_was_touched(lab)


@pytest.mark.parametrize(
    "hosts",
    ["e1.example.com,e5.example.com", "e5.example.com,ap1.example.com", "e1.example.com,us1.example.com"],
    ids=["of the last host", "of the first host", "of a region"],
)
def test_one_problem_alone_stops_the_play_for_all(lab, ansible, accounts, hosts):
    """Wherever the host with the problem stands in the play."""
    del accounts["americas"]["client_password"]
    variables = {"e5.example.com": WRONG["e5.example.com"]}
    inventory = ansible.inventory("wrong.yml", variables, esa_ctr_regions=accounts)
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory, "--limit", hosts)
    assert run.rc != 0, run.output
    failed = [result for result in run.results if result.status == "failed"]
    about_settings = [message for message in failed[0].values["msg"] if not message.startswith(SMA_NOTE)]
    assert len(about_settings) == 2, failed
    assert_nothing_was_touched(lab)


@pytest.mark.parametrize(
    "variables, problem",
    [
        ({"e2.example.com": {"esa_ctr_region": "emea"}}, "e2.example.com: unknown region 'emea'"),
        (
            {"e1.example.com": WRONG["e1.example.com"], "e2.example.com": WRONG["e2.example.com"]},
            "2 appliances would get the module name 'Mail'",
        ),
    ],
    ids=["a setting", "a module name"],
)
def test_a_problem_of_a_later_batch_stops_the_first_one(lab, ansible, variables, problem):
    inventory = ansible.inventory("wrong.yml", variables)
    arguments = ["-i", inventory, "-e", "esa_ctr_serial=1", "--limit", "e1.example.com,e2.example.com"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments, "-e", "esa_ctr_wait_interval=0.1")
    assert run.rc != 0, run.output
    assert problem in run.output
    assert_nothing_was_touched(lab)


def test_credentials_of_the_environment_will_do(lab, ansible, accounts):
    held = accounts["americas"]
    environment = {"CTR_CLIENT_ID": held.pop("client_id"), "CTR_CLIENT_PASSWORD": held.pop("client_password")}
    inventory = ansible.inventory("accounts.yml", {}, esa_ctr_regions=accounts)
    arguments = ["-i", inventory, "--limit", "us1.example.com", "-e", "esa_ctr_wait_interval=0.1"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments, environment=environment)
    assert run.rc == 0, run.output
    assert lab.is_onboarded("us1.example.com", "americas")
