# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regions that fail, throttle, drip and restart during a run: the right reason or no difference, and a rerun converges."""

from __future__ import annotations

import copy
import threading
import time

import pytest

from tests.integration.support.drift_report import check, regions, report_of
from tests.integration.support.failures import row_and_note
from tests.torture.support.region_front import region_front
from tests.torture.support.storm import onboarded

REGION = "europe"
FLEET = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1, "handshake_seconds": 0.0},
    "generate": [{"count": 15, "region": region} for region in ("europe", "americas")],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.2", "-e", "esa_ctr_wait_timeout=20", "--forks", "20")
SECONDS = 3.0
"""The time limit of a request, and the time that a task waits for retries."""
SLACK = 60.0
CONNECTION = ("connection", "no answer", "could not be reached")
TRANSIENT = {
    "fails for a while": [{"kind": "error", "status": 503, "skip": skip} for skip in (0, 2, 5)],
    "drops connections": [{"kind": "drop", "count": 2, "skip": 1}, {"kind": "drop", "count": 2, "skip": 9}],
    "throttles": [{"kind": "error", "status": 429, "retry_after": 1, "count": 2, "skip": 2}],
    "is slow": [{"kind": "slow", "seconds": 0.5, "count": 20}],
}
LASTING = {
    "fails": ([{"kind": "error", "status": 500, "count": 10**6}], ("500",)),
    "throttles for an hour": ([{"kind": "error", "status": 429, "retry_after": 3600, "count": 10**6}], ("429",)),
    "answers with the page of a proxy": ([{"kind": "html", "status": 200, "count": 10**6}], ("JSON", "HTML")),
    "sends half of each answer": (
        [{"kind": "truncated", "count": 10**6, "path": "/iroh/iroh-sse"}],
        ("connection broke",),
    ),
}


@pytest.fixture
def front(lab):
    with region_front(lab.regions[REGION]["api_url"]) as front:
        yield front


@pytest.fixture
def onboard(lab, ansible, front):
    """Onboard all appliances; the API of Europe is behind the front."""
    accounts = copy.deepcopy(lab.regions)
    for account in accounts.values():
        account |= {"ca_path": str(lab.folder / "ca.pem"), "timeout": SECONDS, "retry_budget": SECONDS}
    accounts[REGION]["api_url"] = front.api_url
    inventory = ansible.inventory("accounts.yml", {}, esa_ctr_regions=accounts)

    def run(playbook="onboard", *arguments):
        return ansible.playbook(f"emailsec.ctr.{playbook}", "-i", inventory, *QUICK, *arguments)

    return run


def europeans(lab):
    return {name for name, box in lab.state()["appliances"].items() if box["wanted_region"] == REGION}


def writes(lab):
    return sum(call["kind"] == "http" and call["region"] == REGION for call in lab.writes())


def assert_converges(lab, onboard):
    run = onboard()
    assert run.rc == 0, run.output[-3000:]
    assert onboarded(lab) == set(lab.state()["appliances"])


def timed(onboard):
    began = time.monotonic()
    return onboard(), time.monotonic() - began


def assert_only_europe_failed(lab, run, seconds, *texts):
    assert seconds < SLACK
    names = set(lab.state()["appliances"])
    assert "Traceback" not in run.output
    assert onboarded(lab) >= names - europeans(lab), run.output[-3000:]
    # A module may have been added though its answer was lost.
    assert names - onboarded(lab) <= run.bad_hosts() <= europeans(lab)
    for host in run.bad_hosts():
        told = row_and_note(run, host)
        assert any(text in told for text in texts), told


@pytest.mark.parametrize("faults", TRANSIENT.values(), ids=TRANSIENT)
def test_a_fault_that_passes_makes_no_difference(lab, onboard, faults):
    for fault in faults:
        lab.fault(region=REGION, **fault)
    assert_converges(lab, onboard)
    assert all(fault["done"] for fault in lab.faults())


def test_a_lasting_fault_is_named_for_its_region_only(lab, ansible, onboard, front, tally):
    for faults, texts in LASTING.values():
        for fault in faults:
            lab.fault(region=REGION, **fault)
        assert_only_europe_failed(lab, *timed(onboard), *texts)
        lab.remove_faults()
    front.drips = True
    assert_only_europe_failed(lab, *timed(onboard), f"within {SECONDS:g} s", "handshake")
    front.drips = False
    front.go_down()
    assert_only_europe_failed(lab, *timed(onboard), *CONNECTION)
    onboard("drift_report")
    document = report_of(ansible)
    assert {row["host"] for row in document["appliances"] if row["verdict"] == "unknown"} == europeans(lab)
    assert any(text in check(regions(document)[REGION], "devices_read")["reason"] for text in CONNECTION)
    front.down = False
    assert_converges(lab, onboard)
    tally.cases(len(LASTING) + 3)


@pytest.mark.parametrize("seconds", [1.0, 8.0], ids=["restarts in the middle", "is down for longer than the retries"])
def test_a_region_that_restarts_is_named_or_makes_no_difference(lab, onboard, front, rng, seconds):
    after = rng.randrange(1, 20)

    def restart():
        ends = time.monotonic() + SLACK
        while writes(lab) < after and time.monotonic() < ends:
            time.sleep(0.02)
        front.go_down()
        time.sleep(seconds)
        front.down = False

    restarting = threading.Thread(target=restart)
    restarting.start()
    run = onboard()
    restarting.join()
    assert_only_europe_failed(lab, run, 0.0, *CONNECTION)
    assert_converges(lab, onboard)
