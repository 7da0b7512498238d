# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of ctr_investigation_info against the lab's clouds, which find the messages that the lab's appliances tracked."""

from __future__ import annotations

import re
from typing import Any

import pytest

ESA, OTHER, FAR = "esa1.example.com", "esa2.example.com", "esa3.example.com"


def onboarded(name: str, region: str = "europe") -> dict[str, Any]:
    state = {"enabled": True, "region": region, "registered": True, "module": True}
    return {"name": name, "region": region, "initial": state}


FLEET = {"appliances": [onboarded(ESA), onboarded(OTHER), onboarded(FAR, "americas")]}
SHA256 = "ab" * 32
MESSAGE = {
    "subject": "Invoice Due",
    "sender": "a@example.com",
    "recipients": ["b@example.net"],
    "message_id": "<123-abc@example.com>",
    "sender_ip": "192.0.2.77",
    "attachments": [{"name": "invoice.pdf", "sha256": SHA256}],
}
QUERY = 'email_subject:"Invoice Due"'
CONTROLLER = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
SECRET = re.compile(rb"(?i)bearer\s+[\w-]{20,}")


@pytest.fixture
def ask(lab, ansible):
    """Run the module once for each of these options; return the results by name, or the only result."""

    def run(*arguments: str, **tasks: dict[str, Any]):
        listed = [
            {
                "name": task,
                "emailsec.ctr.ctr_investigation_info": {**account(lab, options.pop("region", "europe")), **options},
                "ignore_errors": True,
            }
            for task, options in ((task, dict(options)) for task, options in tasks.items())
        ]
        run = ansible.tasks(listed, *arguments, hosts="localhost", connection="local", vars=CONTROLLER)
        results = {task: run.of(task, "localhost") for task in tasks}
        return results if len(results) > 1 else next(iter(results.values()))

    return run


def account(lab, region: str) -> dict[str, Any]:
    return {"region": region, "ca_path": str(lab.folder / "ca.pem"), "retry_budget": 1, **lab.regions[region]}


def module_id(lab, name: str, region: str = "europe") -> str:
    return next(one["id"] for one in lab.instances(region) if one["name"] == name)


def enriched(lab) -> list[str]:
    """Return the calls of investigations."""
    return [call["path"].split("?")[0] for call in lab.calls() if "enrich" in (call["path"] or "")]


def test_every_form_of_query_finds_the_message(lab, ask):
    lab.add_messages(OTHER, {**MESSAGE, "subject": "Another"})
    [mid] = lab.add_messages(ESA, MESSAGE)
    found = ask(
        ip={"query": 'ip:"192.0.2.77"', "module_name": ESA},
        domain={"query": 'domain:"example.com"', "module_name": ESA},
        email={"query": 'email:"a@example.com"', "module_name": ESA},
        email_messageid={"query": 'email_messageid:"123-abc@example.com"', "module_name": ESA},
        email_subject={"query": QUERY},
        cisco_mid={"query": f'cisco_mid:"{mid}"', "module_name": ESA},
        sha256={"query": f'sha256:"{SHA256}"', "module_name": ESA},
        file_name={"query": 'file_name:"invoice.pdf"', "module_name": ESA},
        two={"query": f'{QUERY} file_name:"invoice.pdf"'},
        listed={"observables": [{"type": "email_subject", "value": "Invoice Due"}]},
        text={"content": "Who got the message <123-abc@example.com> from 192.0.2.77?", "module_name": ESA},
        syntax={"content": QUERY},
        nothing={"query": 'email_subject:"Never sent"'},
        elsewhere={"query": QUERY, "region": "americas"},
    )
    assert {task: result.values["found"] for task, result in found.items()} == {
        **dict.fromkeys(found, True),
        "nothing": False,
        "elsewhere": False,
    }
    for task, result in found.items():
        sources = {one["module"] for one in result.values["sightings"]}
        assert sources == ({ESA, OTHER} if task == "two" else {ESA} if result.values["found"] else set()), task
    [sighting] = found["email_subject"].values["sightings"]
    assert sighting["observables"] == [{"type": "email_subject", "value": "Invoice Due"}]
    assert sighting["module_instance_id"] == module_id(lab, ESA)
    assert sighting["observed_time"]["start"] and sighting["count"] == 1
    assert {"relation": "Sent_To", "source": "email_subject:Invoice Due", "related": "email:b@example.net"} in sighting[
        "relations"
    ]
    assert [(one["module"], one["sightings_count"]) for one in found["email_subject"].values["modules"]] == [
        (ESA, 1),
        (OTHER, 0),
    ]
    assert [one["module"] for one in found["ip"].values["modules"]] == [ESA]
    assert {one["type"] for one in found["text"].values["observables"]} == {"email_messageid", "ip"}
    assert not any(result.changed for result in found.values())
    assert lab.writes() == []


def test_the_health_of_modules_is_returned(lab, ask):
    lab.switch(region="europe", module=OTHER, set={"health": "unknown"})
    found = ask(
        good={"check_health": True, "module_name": ESA},
        unknown={"check_health": True, "module_name": OTHER},
        all={"check_health": True},
    )
    assert {task: result.values["health"]["status"] for task, result in found.items()} == {
        "good": "ok",
        "unknown": "unknown",
        "all": "unknown",
    }
    assert {one["module"]: one["status"] for one in found["all"].values["health"]["modules"]} == {
        ESA: "ok",
        OTHER: "unknown",
    }
    lab.switch(appliance=ESA, set={"device": "absent"})
    bad = ask(bad={"check_health": True, "module_name": ESA}, let={"check_health": True, "fail_on_errors": False})
    assert bad["bad"].status == "failed"
    assert bad["bad"].values["health"]["status"] == bad["let"].values["health"]["status"] == "error"
    assert f"{ESA}: the device of this module" in bad["bad"].message
    assert bad["let"].status == "ok" and len(bad["let"].values["errors"]) == 1


@pytest.mark.parametrize(
    ("switch", "failed"),
    [
        ({"appliance": ESA, "set": {"device": "absent"}}, True),
        ({"appliance": ESA, "set": {"device": "americas"}}, True),
        ({"region": "europe", "module": ESA, "set": {"health": "error"}}, True),
        ({"region": "europe", "set": {"ctr_enabled": False}}, True),
        ({"region": "europe", "module": ESA, "set": {"enabled": False}}, False),
        ({"appliance": ESA, "set": {"message_tracking": False}}, False),
        ({"appliance": ESA, "set": {"older_by_days": 31}}, False),
    ],
)
def test_each_broken_link_is_reported(lab, ask, switch, failed):
    lab.add_messages(ESA, MESSAGE)
    lab.switch(**switch)
    result = ask(look={"query": QUERY, "module_name": ESA})
    assert (result.status == "failed") is failed, result
    assert result.values["found"] is False
    if failed:
        [error] = result.values["errors"]
        assert error["module"] == ESA and error["module_instance_id"] == module_id(lab, ESA)
        assert error["message"] in result.message and error["code"] in result.message
        assert "EUROPE" in result.message and "admin.eu.sse.itd.cisco.com" in result.message


@pytest.mark.parametrize(
    ("scope", "options"),
    [
        ("enrich:read", {"query": QUERY}),
        ("inspect:read", {"content": QUERY}),
        ("integration", {"check_health": True}),
    ],
)
def test_a_missing_scope_is_named(lab, ask, scope, options):
    held = [one for one in ("sse", "integration", "enrich:read", "inspect:read") if one != scope]
    lab.switch(region="europe", set={"scopes": held})
    result = ask(look=options)
    assert result.status == "failed"
    assert (result.values["http_status"], result.values["error"]) == (403, "missing_scope")
    assert scope in result.message


def test_an_exhausted_quota_fails_the_task(lab, ask):
    lab.switch(region="europe", set={"quota_used_up": True})
    result = ask(look={"query": QUERY})
    assert result.status == "failed"
    assert "429" in result.message and "3172 s" in result.message
    assert len(enriched(lab)) == 1


def test_an_invalid_query_is_never_sent(lab, ask):
    found = ask(query={"query": 'subject:"Invoice Due"'}, text={"content": "no observable at all"})
    assert QUERY in found["query"].message
    assert "no observable" in found["text"].message
    assert enriched(lab) == []


def test_the_module_waits_for_a_sighting(lab, ask):
    lab.switch(appliance=ESA, set={"tracking_seconds": 1.0})
    lab.add_messages(ESA, MESSAGE)
    found = ask(
        once={"query": QUERY},
        waited={"query": QUERY, "wait_timeout": 60, "wait_interval": 0.1, "module_name": ESA, "check_health": True},
    )
    assert found["waited"].values["found"] is True
    vain = ask(vain={"query": 'email_subject:"Never sent"', "wait_timeout": 0.3, "wait_interval": 0.1})
    assert vain.status == "failed"
    assert 'no sighting of email_subject:"Never sent" within 0.3 s' in vain.message
    assert [one["module"] for one in vain.values["modules"]] == [ESA, OTHER]


def test_check_mode_gives_the_same_result_and_no_secret_is_shown(lab, ansible, ask):
    lab.add_messages(ESA, MESSAGE)
    found = ask(
        "-vvv", "--check", "--diff", look={"query": QUERY}, wrong={"query": QUERY, "client_password": "Wr0ng-one"}
    )
    assert found["look"].values["found"] is True
    assert found["wrong"].values["http_status"] == 401
    texts = [output.encode() for output in ansible.outputs]
    texts += [path.read_bytes() for path in ansible.folder.rglob("*") if path.is_file() and path.name != "site.yml"]
    for what, secret in {**lab.secrets(), "wrong": "Wr0ng-one"}.items():
        assert not [text for text in texts if secret.encode() in text], what
    assert not [text for text in texts if SECRET.search(text)]


def test_the_action_group_sets_the_account(lab, ansible):
    lab.add_messages(ESA, MESSAGE)
    tasks = [{"name": "look", "emailsec.ctr.ctr_investigation_info": {"query": QUERY}}]
    defaults = {"group/emailsec.ctr.cloud": account(lab, "europe")}
    run = ansible.tasks(
        tasks, hosts="localhost", connection="local", vars=CONTROLLER, module_defaults=defaults, collections=[]
    )
    assert run.on("localhost").values["found"] is True
