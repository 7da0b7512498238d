# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The failure of a region affects only the appliances of that region."""

from __future__ import annotations

import copy

import pytest

from tests.integration.support.failures import assert_only
from tests.integration.support.ports import closed_port
from tests.integration.support.secrets import assert_unseen

FLEET = {
    "settings": {"registration_seconds": 0.3, "busy_seconds": 0.1},
    "appliances": [
        {"name": "a1.example.com", "region": "europe"},
        {"name": "a2.example.com", "region": "americas", "generation": 4},
        {"name": "a3.example.com", "region": "europe", "generation": 1, "version": "13.0.0-392"},
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=10")
EUROPEANS = ["a1.example.com", "a3.example.com"]


@pytest.fixture
def onboard(lab, ansible):
    """Onboard all appliances, with these changes to the accounts."""

    def run(*arguments, **changes):
        accounts = copy.deepcopy(lab.regions)
        for region, account in accounts.items():
            account["ca_path"] = str(lab.folder / "ca.pem")
            account.update(changes.get(region, {}))
        inventory = ansible.inventory("accounts.yml", {}, esa_ctr_regions=accounts)
        return ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *QUICK, *arguments)

    return run


def assert_only_europe_fails(lab, run, *texts):
    assert_only(run, lab, dict.fromkeys(EUROPEANS, texts), {"a2.example.com": "americas"})


def test_an_unreachable_api_fails_only_its_region(lab, onboard):
    with closed_port() as port:
        run = onboard(europe={"api_url": f"https://127.0.0.1:{port}"})
    assert_only_europe_fails(lab, run, f"127.0.0.1:{port}", "refused")
    assert lab.state()["regions"]["europe"] == {"devices": [], "module_instances": []}


def test_a_wrong_client_password_fails_only_its_region(lab, onboard):
    wrong = "Wr0ng-client-passw0rd"
    run = onboard("-vvv", europe={"client_password": wrong})
    assert_only_europe_fails(lab, run, "401", "invalid_client")
    assert wrong not in run.output
    assert not any(lab.appliance(host)["registered"] for host in EUROPEANS)


def test_an_untrusted_certificate_fails_only_its_region(lab, onboard):
    run = onboard(europe={"ca_path": ""})
    assert_only_europe_fails(lab, run, "certificate")
    assert [call for call in lab.calls() if call["kind"] == "http" and call["region"] == "europe"] == []


def test_retry_budget_limits_the_wait_for_a_region(lab, onboard):
    lab.fault("error", region="europe", path="/iroh/iroh-sse/device", status=503, count=99)
    run = onboard(europe={"retry_budget": 0, "timeout": 20})
    assert_only_europe_fails(lab, run, "503", "This task waited 0 s; retry_budget is 0 s")
    asked = [call for call in lab.calls() if call["kind"] == "http" and call["region"] == "europe"]
    assert [call["status"] for call in asked] == [200, 503], "one log-in and one list"


def test_an_unreachable_proxy_fails_only_its_region(lab, onboard, ansible):
    secret = "Pr0xy-passw0rd"
    with closed_port() as port:
        run = onboard("-vvv", europe={"proxy": f"http://user:{secret}@127.0.0.1:{port}"})
    assert_only_europe_fails(lab, run, "proxy")
    assert_unseen(ansible, [secret], own=["accounts.yml"])
    assert [call for call in lab.calls() if call["kind"] == "http" and call["region"] == "europe"] == []


def test_all_regions_are_unreachable(lab, onboard):
    with closed_port() as port:
        down = {"api_url": f"https://127.0.0.1:{port}"}
        run = onboard(europe=down, americas=down)
    texts = [f"127.0.0.1:{port}"]
    assert_only(run, lab, {"a1.example.com": texts, "a2.example.com": texts, "a3.example.com": texts}, {})
