# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab is compatible with the vendor's Python client for the real API."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from threatresponse import ThreatResponse

from tests.integration.support.lab import Lab
from tests.integration.support.modules import in_short

HELD = "held.example.com"
FLEET = {"appliances": [{"name": HELD, "initial": {"enabled": True, "region": "apjc", "registered": True}}]}
REGION = "apjc"
ESA_NAMES = {"Email Security Appliance", "Secure Email Gateway"}


@pytest.fixture
def log_in(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a factory of the vendor's client for a region; the client logs in at once."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(lab.folder / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    account = lab.regions[REGION]
    base = account["api_url"]
    environment = {"visibility": base, "private_intel": base, "global_intel": base}

    def make(password: str = account["client_password"]) -> Any:
        return ThreatResponse(account["client_id"], password, environment=environment, timeout=30)

    return make


def test_the_client_completes_the_whole_procedure(lab: Lab, log_in: Callable[..., Any]) -> None:
    client = log_in()
    devices = client.sse_device
    [held] = devices.get_all()
    assert (held["name"], held["status"], held["type"]) == (HELD, "Registered", "ESA")
    added = devices.post({"name": "new.example.com", "tokenExpiry": 7200})
    assert re.fullmatch("[0-9a-f]{32}", added["token"])
    assert devices.get_by_id(added["id"])["status"] == "Pending"
    assert devices.patch(added["id"], {"description": "spare"})["description"] == "spare"
    again = devices.token(added["id"], {"tokenExpiry": 3600})
    assert again["token"] != added["token"]
    assert [device["name"] for device in devices.get_all(params={"limit": 1, "offset": 1})] == ["new.example.com"]

    types, instances = client.int.module_type, client.int.module_instance
    [esa] = [one for one in types.get() if ESA_NAMES & {one["title"], one["default_name"], one.get("former_title")}]
    assert types.get(esa["id"]) == esa
    keys = {field["type"]: field["key"] for field in esa["configuration_spec"]}
    made = instances.post(
        {
            "name": "Mine",
            "module_type_id": esa["id"],
            "visibility": "org",
            "settings": {keys["device"]: held["id"], keys["integer"]: 30},
        }
    )
    assert instances.get(params={"module_type_id": esa["id"]}) == [made]
    assert instances.patch(made["id"], {"name": "Yours"})["name"] == "Yours"
    assert client.enrich.health.module_instance_id(made["id"])["data"]["data"]["status"] == "ok"
    assert instances.delete(made["id"]).status_code == 204
    assert instances.get() == []
    assert devices.delete(added["id"], response_type="raw").status_code == 204
    assert [device["name"] for device in devices.get_all()] == [HELD]

    calls = in_short(lab.calls())
    assert calls[0] == "log in 200"
    assert len(calls) == 17
    assert [call for call in calls if not call.endswith(("200", "201", "204"))] == []
    contract = lab.contract()
    assert (contract["requests"], contract["answers"]) == (17, 17)


def test_the_client_raises_errors_of_the_api(lab: Lab, log_in: Callable[..., Any]) -> None:
    with pytest.raises(requests.HTTPError, match="invalid_client"):
        log_in("wrong")
    client = log_in()
    with pytest.raises(requests.HTTPError, match="device_exists"):
        client.sse_device.post({"name": HELD})
    with pytest.raises(requests.HTTPError, match="trace_id"):
        client.int.module_instance.get("none")


def test_an_expired_token_costs_the_client_one_log_in(lab: Lab, log_in: Callable[..., Any]) -> None:
    client = log_in()
    lab.fault("expire_tokens")
    assert len(client.sse_device.get_all()) == 1
    assert in_short(lab.calls()) == ["log in 200", "GET device 401", "log in 200", "GET device 200"]
