# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wrong setting stops the play before anything is written, and the play lists all wrong settings at once."""

from __future__ import annotations

import copy
import json
import re

import pytest

from tests.unit.plugins.module_utils.fleet.wrong_values import OPTIONS, SECRET, Wrong, wrong_values

FLEET = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1},
    "appliances": [
        {"name": "e1.example.com", "region": "europe"},
        {"name": "e2.example.com", "region": "europe"},
        {"name": "e3.example.com", "region": "europe"},
        {"name": "us1.example.com", "region": "americas"},
        {
            "name": "there.example.com",
            "region": "europe",
            "initial": {"enabled": True, "region": "europe", "registered": True},
        },
    ],
}
PLAYBOOKS = ["onboard", "remove", "drift_report", "verify", "diagnose"]
HEADING = "Nothing was changed. Fix these settings first:"


@pytest.fixture
def accounts(lab):
    accounts = copy.deepcopy(lab.regions)
    for account in accounts.values():
        account["ca_path"] = str(lab.folder / "ca.pem")
    return accounts


def assert_nothing_was_touched(lab):
    """Assert that there was no connection to an appliance or a cloud."""
    assert lab.calls() == []
    assert {box["logins"] for box in lab.state()["appliances"].values()} == {0}


def problems_of(run):
    """Return each problem with its fix from the output of the failed play, whose result repeats none of them."""
    assert run.rc != 0, run.output
    failed = [result for result in run.results if result.status == "failed"]
    assert len(failed) == 1, failed
    assert re.fullmatch(r"Nothing was changed: (1 problem is|\d+ problems are) listed above\.", failed[0].message)
    assert run.output.count(HEADING) == 1, run.output
    lines = run.output.partition(HEADING)[2].splitlines()[1:]
    found = {}
    for problem, fix in zip(lines[::2], lines[1::2], strict=False):
        if not problem.startswith("- "):
            break
        assert fix.startswith("  Fix: "), fix
        found[problem.removeprefix("- ")] = fix.removeprefix("  Fix: ")
    return found


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_wrong_value_of_every_variable_is_listed_and_nothing_is_connected(lab, ansible, accounts, playbook):
    """One play with a host per wrong value, including templates that fail."""
    wrong = wrong_values()
    wrong += [Wrong(name, "{{ vault_that_nobody_defined }}") for name in OPTIONS]
    wrong += [Wrong(name, "{{ 1 // 0 }}") for name in OPTIONS]
    if playbook == "remove":
        # The playbook sets the state, which overrides the host's variable.
        wrong = [one for one in wrong if one.path != "esa_ctr_state"]
    hosts = {f"w{number}.example.com": one for number, one in enumerate(wrong, 1)}
    variables = {host: {"esa_ctr_region": "europe", **one.variables} for host, one in hosts.items()}
    inventory = ansible.inventory("wrong.yml", variables, esa_ctr_regions=accounts)
    run = ansible.playbook(f"emailsec.ctr.{playbook}", "-i", inventory)
    shown = dict(enumerate(problems_of(run)))
    # A message lists only the first hosts, so equal wrong values of a variable name the first of them.
    for host, one in hosts.items():
        alike = [text for text in shown.values() if host in text or f"{one.path} " in text]
        assert alike, (host, one)
    singles = {host: one for host, one in hosts.items() if any(text.startswith(f"{host}: ") for text in shown.values())}
    assert len(singles) > 300
    for host, one in singles.items():
        assert [text for text in shown.values() if text.startswith(f"{host}: ")] == [
            text for text in shown.values() if text.startswith(f"{host}: {one.path} ")
        ], one
    assert "'vault_that_nobody_defined' is undefined" in run.output
    assert SECRET not in run.output
    assert "Traceback" not in run.output
    assert_nothing_was_touched(lab)


@pytest.mark.parametrize("playbook", PLAYBOOKS)
@pytest.mark.parametrize("state", ["Present", "ABSENT", "gone", "true", "", "other"])
def test_an_invalid_state_stops_every_playbook(lab, ansible, playbook, state):
    """Each playbook accepts only its own state."""
    if state == "other":
        state = "present" if playbook == "remove" else "absent"
    run = ansible.playbook(f"emailsec.ctr.{playbook}", "-e", f"esa_ctr_state={state}")
    (problem,) = problems_of(run)
    assert problem.startswith("5 hosts (e1.example.com, ") and problem.endswith(f"): esa_ctr_state is {state!r}.")
    assert_nothing_was_touched(lab)
    assert lab.appliance("there.example.com")["registered"]


def test_with_the_role_alone_a_state_that_differs_between_hosts_is_refused(lab, ansible):
    inventory = ansible.inventory("one.yml", {"there.example.com": {"esa_ctr_state": "absent"}})
    play = {"hosts": "all", "gather_facts": False, "roles": [{"role": "emailsec.ctr.esa_ctr_integration"}]}
    run = ansible.plays([play], "-i", inventory)
    (problem,) = problems_of(run)
    assert problem.startswith("esa_ctr_state: must be the same for all hosts of the play, but there.example.com and ")
    assert lab.writes() == []
    assert lab.appliance("there.example.com")["registered"]


def test_a_wrong_setting_of_a_group_is_a_few_lines_for_200_hosts(lab, ansible):
    hosts = {f"many{number}.example.com": {} for number in range(1, 201)}
    inventory = ansible.inventory("many.yml", hosts, esa_ctr_region="europe")
    arguments = ["-i", inventory, "-e", "esa_ctr_request_timeframe_days=0", "--limit", "many*"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    (problem,) = problems_of(run)
    assert problem == (
        "200 hosts (many1.example.com, many2.example.com, many3.example.com and 197 more): "
        "esa_ctr_request_timeframe_days is '0'."
    )
    shown = [line for line in run.output.splitlines() if line.strip()]
    about_it = [line for line in shown if not line.startswith(("PLAY", "TASK")) and " : ok=" not in line]
    assert len(about_it) < 10, about_it
    assert_nothing_was_touched(lab)


@pytest.mark.parametrize("verbosity", [(), ("-v",), ("-vvvv",)], ids=["", "-v", "-vvvv"])
@pytest.mark.parametrize("callback", ["default", "yaml", "minimal", "oneline", "json"])
def test_every_callback_shows_one_problem_per_line(lab, ansible, callback, verbosity):
    how = {
        "yaml": {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
        "default": {},
    }.get(callback, {"ANSIBLE_STDOUT_CALLBACK": callback})
    arguments = ["-e", "esa_ctr_wait_timeout=soon", "-e", "esa_ctr_alow_region_change=true", *verbosity]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments, environment=how)
    unknown, wrong = problems_of(run)
    assert "): esa_ctr_alow_region_change is not a variable of emailsec.ctr." in unknown
    assert wrong.endswith("): esa_ctr_wait_timeout is 'soon'.")
    assert run.output.count("esa_ctr_wait_timeout is 'soon'") == (2 if callback == "json" else 1), run.output
    if callback == "json":
        document = json.loads(run.output[run.output.index('{"results"') :].splitlines()[0])
        assert f"- {wrong}" in document["results"][0]["problems"]
    assert_nothing_was_touched(lab)


def test_hosts_that_are_not_appliances_are_a_single_problem_and_come_first(lab, ansible):
    hosts = {
        "localhost": {},
        "linux1": {"ansible_connection": "ssh"},
        "net1": {"ansible_connection": "network_cli"},
        "short1": {"ansible_connection": "asyncos"},
    }
    others = {"all": {"hosts": hosts}}
    arguments = ["-i", str(ansible.write("others.yml", others)), "-e", "esa_ctr_wait_timeout=soon"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    first, second = problems_of(run).items()
    assert first[0].startswith("ansible_connection: 4 hosts of the play do not use emailsec.ctr.asyncos: ")
    for words in (
        r"localhost \(ansible_connection not set, so (ansible\.builtin\.)?ssh\)",  # the long name since ansible-core 2.21
        r"linux1 \(ansible_connection: ssh\)",
        r"net1 \(ansible_connection: network_cli\)",
        r"short1 \(ansible_connection: asyncos\)",
    ):
        assert re.search(words, first[0])
    for words in ("ansible_connection: emailsec.ctr.asyncos", "-e esa_ctr_hosts=GROUP", "--limit GROUP"):
        assert words in first[1]
    assert second[0].startswith("5 hosts (") and second[0].endswith("): esa_ctr_wait_timeout is 'soon'.")
    assert_nothing_was_touched(lab)
    run = ansible.playbook("emailsec.ctr.drift_report", *arguments[:2], "-e", "esa_ctr_hosts=appliances")
    assert run.rc == 0, run.output


def test_a_missing_user_is_named_unless_the_command_line_sets_it(lab, ansible):
    inventory = ansible.inventory("user.yml", {"e2.example.com": {"ansible_user": ""}})
    run = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory, "--limit", "e1.example.com,e2.example.com")
    (problem,) = problems_of(run)
    assert problem == "e2.example.com: ansible_user is not set."
    assert_nothing_was_touched(lab)


@pytest.mark.parametrize("name", ["ansible_password", "ansible_host", "esa_ctr_api_password"])
def test_an_undefined_vault_variable_is_named_with_its_host(lab, ansible, name):
    inventory = ansible.inventory("vault.yml", {"e2.example.com": {name: "{{ vault_secret }}"}})
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory)
    (problem,) = problems_of(run)
    assert problem == f"e2.example.com: {name} cannot be evaluated ('vault_secret' is undefined)."
    assert_nothing_was_touched(lab)


def test_an_undefined_variable_of_an_account_is_named_with_its_key(lab, ansible, accounts):
    accounts["europe"]["client_password"] = "{{ vault_ctr.europe }}"
    run = ansible.playbook("emailsec.ctr.onboard", "-i", ansible.inventory("v.yml", {}, esa_ctr_regions=accounts))
    (problem,) = problems_of(run)
    assert problem.startswith("5 hosts (")
    assert problem.endswith("): esa_ctr_regions.europe.client_password cannot be evaluated ('vault_ctr' is undefined).")
    assert_nothing_was_touched(lab)


def test_problems_of_a_region_are_listed_once(lab, ansible, accounts):
    accounts["europe"]["ca_path"] = "/nonexistent.pem"
    del accounts["americas"]["client_id"], accounts["americas"]["client_password"]
    accounts["apjc"]["api_url"] = "https://visibility.eu.amp.cisco.com"
    variables = {"e3.example.com": {"esa_ctr_region": "APJ"}}
    inventory = ansible.inventory("wrong.yml", variables, esa_ctr_regions=accounts)
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory)
    found = problems_of(run)
    assert [text.rpartition("): ")[2] for text in found] == [
        "esa_ctr_regions.europe.ca_path is '/nonexistent.pem', which cannot be read on the controller.",
        "esa_ctr_regions.americas.client_id: not set, but appliances of the play are in americas.",
        "esa_ctr_regions.americas.client_password: not set, but appliances of the play are in americas.",
        "esa_ctr_regions.apjc.api_url: https://visibility.eu.amp.cisco.com is the address of the region europe.",
    ]
    assert_nothing_was_touched(lab)


def test_openssh_options_give_one_warning_with_the_variables_to_use(lab, ansible):
    own = {"ansible_ssh_common_args": "-o ProxyJump=bastion", "ansible_ssh_extra_args": "-v", "ansible_become": True}
    inventory = ansible.inventory("ssh.yml", dict.fromkeys(["e1.example.com", "e2.example.com"], own))
    run = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory, "--limit", "e1.example.com,e2.example.com")
    assert run.rc == 0, run.output
    output = " ".join(run.output.split())
    assert output.count("emailsec.ctr.asyncos ignores") == 1, run.output
    for words in (
        "e1.example.com, e2.example.com",
        "ansible_asyncos_jump_host",
        "ansible_ssh_extra_args",
        "ansible_become",
    ):
        assert words in output


@pytest.mark.parametrize("region, name", [("EUROPE", "EU"), ("Eu", "Europe")])
def test_a_region_has_aliases(lab, ansible, accounts, region, name):
    accounts[name] = accounts.pop("europe")
    inventory = ansible.inventory(
        "regions.yml", {"e1.example.com": {"esa_ctr_region": region}}, esa_ctr_regions=accounts
    )
    arguments = ["-i", inventory, "--limit", "e1.example.com", "-e", "esa_ctr_wait_interval=0.1"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert run.rc == 0, run.output
    assert lab.is_onboarded("e1.example.com", "europe")


def test_a_duplicate_module_name_in_later_batches_stops_the_first_batch(lab, ansible):
    variables = dict.fromkeys(["e2.example.com", "e3.example.com"], {"esa_ctr_module_name": "Mail"})
    arguments = ["-i", ansible.inventory("wrong.yml", variables), "-e", "esa_ctr_serial=1"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    (problem,) = problems_of(run)
    assert problem == "2 hosts (e2.example.com, e3.example.com): esa_ctr_module_name is 'Mail' in europe."
    assert_nothing_was_touched(lab)


def test_an_esa_managed_by_an_sma_stops_the_play_and_the_message_shows_whether_the_sma_is_registered(lab, ansible):
    variables = {
        "e1.example.com": {"esa_ctr_managed_by_sma": "sma1.example.com"},
        "e2.example.com": {"esa_ctr_managed_by_sma": "THERE.example.com"},
        "e3.example.com": {"esa_ctr_hosted": True},
    }
    arguments = ["-i", ansible.inventory("sma.yml", variables), "--limit", "e*.example.com"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments)
    assert list(problems_of(run)) == [
        "e1.example.com: esa_ctr_managed_by_sma is sma1.example.com, which is not in this play.",
        "e2.example.com: esa_ctr_managed_by_sma is THERE.example.com, which is not in this play.",
        "e3.example.com: esa_ctr_hosted is true (CES).",
        "sma1.example.com: neither in the play nor registered in europe.",
        "THERE.example.com: registered in europe.",
    ]
    asked = {(call["kind"], call.get("method"), call.get("path", "").partition("?")[0]) for call in lab.calls()}
    assert asked == {("http", "POST", "/iroh/oauth2/token"), ("http", "GET", "/iroh/iroh-sse/device")}
    assert not any(call["write"] for call in lab.calls())


def test_credentials_may_come_from_the_environment(lab, ansible, accounts):
    held = accounts["americas"]
    environment = {"CTR_CLIENT_ID": held.pop("client_id"), "CTR_CLIENT_PASSWORD": held.pop("client_password")}
    inventory = ansible.inventory("accounts.yml", {}, esa_ctr_regions=accounts)
    arguments = ["-i", inventory, "--limit", "us1.example.com", "-e", "esa_ctr_wait_interval=0.1"]
    run = ansible.playbook("emailsec.ctr.onboard", *arguments, environment=environment)
    assert run.rc == 0, run.output
    assert lab.is_onboarded("us1.example.com", "americas")
