# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of emailsec.ctr.verify: it follows a message of each appliance to an investigation, and names the first failure."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.integration.support.ansible import Run
from tests.integration.support.ports import closed_port
from tests.integration.support.secrets import assert_unseen

GOOD, FAR, SMA, MANAGED = "esa1.example.com", "esa2.example.com", "sma1.example.com", "esa3.example.com"
REFUSES, CLOSED, BARE, STRICT = "refuses.example.com", "closed.example.com", "bare.example.com", "strict.example.com"
BLIND, LATE = "blind.example.com", "late.example.com"
NO_MODULE, ILL, UNSEEN = "no-module.example.com", "ill.example.com", "unseen.example.com"
NO_SCOPE = "no-scope.example.com"


def onboarded(name: str, region: str = "europe", **more: Any) -> dict[str, Any]:
    state = {"enabled": True, "region": region, "registered": True, "module": more.pop("module", True)}
    return {"name": name, "region": region, "initial": state, **more}


FLEET: dict[str, Any] = {
    "services": {"rest_api": True, "smtp": True},
    "appliances": [
        onboarded(GOOD, services={"smtp_auth": "required"}),
        onboarded(FAR, "americas", services={"certificate": "self_signed"}),
        onboarded(SMA, product="SMA"),
        {"name": MANAGED, "region": "europe", "managed_by": SMA},
        onboarded(REFUSES, services={"smtp_refuses": True}),
        onboarded(CLOSED),
        onboarded(BARE, services={"smtp_starttls": False}),
        onboarded(STRICT, services={"smtp_auth": "required"}),
        onboarded(BLIND, services={"message_tracking": False}),
        onboarded(LATE, services={"tracking_seconds": 3600}),
        onboarded(NO_MODULE, module=False),
        onboarded(ILL),
        onboarded(UNSEEN),
        onboarded(NO_SCOPE, "apjc"),
    ],
    "regions": {"apjc": {"scopes": ["sse", "integration", "inspect:read"]}},
}
WHOLE = (GOOD, FAR, SMA)
ALL = [one["name"] for one in FLEET["appliances"] if one["name"] != MANAGED]
QUICK = {"esa_ctr_verify_timeout": 2, "esa_ctr_verify_interval": 0.2}
SEND = "Send a test message through each appliance and wait until it is tracked"
STOP = "Fail for appliances with a failed verification"
LINKS = ("smtp", "tracked", "module", "sighting")
PROGRESS = re.compile(r"^([A-Z]+): (\d+) of (\d+) found, \d+:\d\d$", re.MULTILINE)
TIME = re.compile(r"\d\d:\d\d:\d\d UTC")
JWT = re.compile(r"eyJ[\w-]{10,}\.[\w-]{10,}")
Rows = dict[str, dict[str, Any]]


@pytest.fixture
def verify(lab, ansible):
    """Run the playbook on these hosts; return the run and its rows by host."""

    def run(*hosts: str, loud: bool = False, check: bool = False, **variables: Any) -> tuple[Run, Rows]:
        # An SMA accepts no messages, so its test uses an ESA that it manages.
        through = {f"esa_ctr_smtp_{key}": lab.services[MANAGED][f"smtp_{key}"] for key in ("port", "ca_path")}
        own = {
            GOOD: {"esa_ctr_smtp_starttls": "always"},
            SMA: {"esa_ctr_smtp_host": "127.0.0.1", **through},
            BARE: {"esa_ctr_smtp_starttls": "always"},
            STRICT: {"esa_ctr_smtp_starttls": "always", "esa_ctr_smtp_password": "wrong-and-secret"},
            CLOSED: {"esa_ctr_smtp_port": run.closed},
        }
        given = {host: {**own.get(host, {}), **QUICK, **variables} for host in hosts}
        inventory = ansible.inventory("override.yml", given)
        more = [*(["-vvvv", "--diff"] if loud else []), *(["--check"] if check else [])]
        done = ansible.playbook(
            "emailsec.ctr.verify", "-i", inventory, "--limit", ",".join(hosts), "--forks", "8", *more
        )
        rows = json.loads((ansible.folder / "esa-ctr-report" / "verification.json").read_text())["rows"]
        return done, {row["host"]: row for row in rows}

    with closed_port() as port:
        run.closed = port
        yield run


def messages(lab) -> list[dict[str, Any]]:
    """Return the messages that were sent over SMTP."""
    return [call for call in lab.calls() if call["kind"] == "smtp"]


def requests_to(lab, region: str) -> list[str]:
    """Return the requests to the cloud of a region, in order."""
    calls = [call for call in lab.calls() if call["kind"] == "http" and call["region"] == region]
    return [f"{call['method']} {call['path'].split('?')[0]}" for call in calls]


def test_every_link_works_for_appliances_of_two_regions(lab, verify):
    run, rows = verify(*WHOLE)
    assert run.rc == 0, run.output
    assert {host: row["result"] for host, row in rows.items()} == dict.fromkeys(WHOLE, "ok")
    sent = {call["who"]: call for call in messages(lab)}
    assert len(messages(lab)) == 3 and set(sent) == {GOOD, FAR, MANAGED}
    assert all(call["tls"] and call["status"] == 250 for call in sent.values())
    assert (sent[GOOD]["user"], sent[FAR]["user"]) == (lab.smtp["user"], None)
    assert len({call["subject"] for call in sent.values()}) == 3
    for host, row in rows.items():
        assert all(TIME.fullmatch(row[link]) for link in LINKS), row
        times = [row["times"][link] for link in LINKS]
        assert times == sorted(times), "the links must be checked in order"
        mark = row["message_id"].removeprefix("emailsec.ctr.")[:12]
        assert sent[MANAGED if host == SMA else host]["subject"].endswith(f" {mark}")
        assert re.search(rf"^{re.escape(host)} .*{row['sighting']}", run.output, re.MULTILINE), (
            "the sighting must be in the table"
        )
    assert run.changes() == {(GOOD, SEND)}
    assert {("EUROPE", "2", "2"), ("AMERICAS", "1", "1")} <= set(PROGRESS.findall(run.output))
    assert "3 of 3 tracked, 0 failed" in run.output
    assert {call["path"].split("?")[0] for call in lab.calls() if call["kind"] == "api" and call["who"] == SMA} == {
        "/sma/api/v2.0/login",
        "/sma/api/v2.0/message-tracking/messages",
    }
    assert lab.writes() == []


BROKEN: dict[str, tuple[str, tuple[str, ...]]] = {
    REFUSES: ("smtp", ("RCPT TO", "550", "Recipient Access Table")),
    CLOSED: ("smtp", ("connect to 127.0.0.1:", "refused", "firewall")),
    BARE: ("smtp", ("STARTTLS: not offered", "set starttls to never")),
    STRICT: ("smtp", ("AUTH: 535", "check username and password")),
    BLIND: ("tracked", ("403", "Message Tracking")),
    LATE: ("tracked", ("within 2 s", "wait_timeout")),
    NO_MODULE: ("module", (f"CTR has no module '{NO_MODULE}'", "emailsec.ctr.onboard")),
    ILL: ("module", ("does not work", "device_unavailable", "emailsec.ctr.diagnose")),
    UNSEEN: ("sighting", ("no sighting of it in time", "esa_ctr_verify_message_id")),
    NO_SCOPE: ("sighting", ("403", "enrich:read", "APJC")),
}


def test_each_broken_link_fails_only_its_appliance_with_a_fix(lab, ansible, verify):
    good_device = lab.device("europe", GOOD)["id"]
    lab.switch(region="europe", module=ILL, set={"health": "error"})
    lab.switch(region="europe", module=UNSEEN, set={"device": good_device})
    run, rows = verify(*ALL, loud=True)
    assert run.rc != 0
    assert {host: row["result"] for host, row in rows.items()} == {
        **dict.fromkeys(BROKEN, "broken"),
        **dict.fromkeys(WHOLE, "ok"),
    }
    assert run.bad_hosts() == set(BROKEN)
    for host, (link, words) in BROKEN.items():
        row, failed = rows[host], [one for one in run.results if one.host == host and one.status == "failed"]
        place = LINKS.index(link)
        assert [row[one] for one in LINKS[place:]] == ["broken"] + [None] * (3 - place), row
        assert all(TIME.fullmatch(row[one]) for one in LINKS[:place]), row
        assert row["detail"].startswith(f"{link}: ")
        for text in words:
            assert text in row["detail"], row
        assert [one.task for one in failed if not one.run_once] == [STOP], host
        assert failed[-1].message == f"{host}: {row['detail']}"
    # Only a message that the appliance's own module does not find is waited for, with progress.
    assert ("EUROPE", "2", "3") in PROGRESS.findall(run.output), run.output
    assert [call["status"] for call in messages(lab)].count(250) == len(WHOLE) + 6
    assert len(messages(lab)) == len(WHOLE) + 7, "each message must be sent once, also if it is refused"
    assert_unseen(ansible, [*lab.secrets().values(), "wrong-and-secret"], own=["override.yml"])
    assert not JWT.search(run.output)


def test_an_existing_message_is_followed_and_none_is_sent(lab, verify):
    lab.add_messages(GOOD, {"message_id": "<123-abc@example.com>", "subject": "Invoice Due"}, {"subject": "Another"})
    lab.switch(appliance=GOOD, set={"older_by_days": 3})
    run, rows = verify(GOOD, esa_ctr_verify_message_id="<123-abc@example.com>")
    assert run.rc == 0, run.output
    row = rows[GOOD]
    assert (row["smtp"], row["result"], row["message_id"]) == ("not sent by this run", "ok", "123-abc@example.com")
    assert messages(lab) == []
    assert run.changes() == set()
    run, rows = verify(GOOD, esa_ctr_verify_message_id="never@example.com")
    assert run.bad_hosts() == {GOOD}
    assert rows[GOOD]["tracked"] == "broken" and messages(lab) == []


def test_the_product_of_an_sma_without_an_sse_record_can_be_set(lab, verify):
    lab.ask("europe", "DELETE", f"/iroh/iroh-sse/device/{lab.appliance(SMA)['device_id']}")
    run, rows = verify(SMA)
    assert run.bad_hosts() == {SMA}
    assert rows[SMA]["tracked"] == "broken" and "product is esa or sma" in rows[SMA]["detail"]
    _run, rows = verify(SMA, esa_ctr_api_product="sma")
    assert TIME.fullmatch(rows[SMA]["tracked"]) and rows[SMA]["module"] == "broken", rows


def test_the_time_out_of_a_search_can_be_set(lab, verify):
    lab.switch(appliance=GOOD, set={"search_seconds": 1.5})
    run, rows = verify(GOOD, esa_ctr_api_timeout=0.5)
    assert run.bad_hosts() == {GOOD}
    assert rows[GOOD]["tracked"] == "broken"
    for words in ("no answer within 0.5 s", "when wait_timeout ended (2 s)", "esa_ctr_api_timeout in the role"):
        assert words in rows[GOOD]["detail"], rows
    _run, rows = verify(GOOD)
    assert TIME.fullmatch(rows[GOOD]["tracked"]), rows


def test_check_mode_sends_nothing_and_reports_that(lab, verify):
    run, rows = verify(*WHOLE, REFUSES, check=True)
    assert run.rc == 0, run.output
    assert messages(lab) == []
    assert [call for call in lab.calls() if call["kind"] == "api"] == []
    assert {row["result"] for row in rows.values()} == {"not sent"}
    assert all(row["detail"] == "a test message would be sent, tracked and searched in CTR" for row in rows.values())
    assert "check mode: nothing was sent" in run.output
    assert "enrich" not in str(requests_to(lab, "europe"))
    assert run.changes() == {(GOOD, SEND)}
    assert lab.writes() == []


def test_the_number_of_calls_does_not_grow_with_the_number_of_appliances(lab, verify):
    run, _rows = verify(SMA)
    assert run.rc == 0, run.output
    one = requests_to(lab, "europe")
    assert one == [
        "POST /iroh/oauth2/token",
        "GET /iroh/iroh-sse/device",
        "POST /iroh/oauth2/token",
        "POST /iroh/iroh-enrich/health",
        "POST /iroh/oauth2/token",
        "POST /iroh/iroh-enrich/observe/observables",
    ]
    lab.reset()
    run, _rows = verify(SMA, GOOD, ILL, UNSEEN)
    assert run.rc == 0, run.output
    assert requests_to(lab, "europe") == one


def test_an_unreachable_region_fails_only_its_appliances(lab, verify):
    lab.switch(region="americas", set={"quota_used_up": True})
    run, rows = verify(GOOD, FAR)
    assert run.bad_hosts() == {FAR}
    assert rows[GOOD]["result"] == "ok"
    assert rows[FAR]["module"] == "broken" and "429" in rows[FAR]["detail"]
    assert len(messages(lab)) == 2
