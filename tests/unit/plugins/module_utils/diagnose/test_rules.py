# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each rule on readings that differ in one thing from those of an appliance with nothing wrong."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.diagnosis import fleet_diagnosis, with_findings

HOST, MODULE, DEVICE = "esa1.example.com", "m-1", "d-1"
QUERY = 'email_subject:"Invoice Due"'
RECORD = {"id": DEVICE, "name": HOST, "type": "ESA", "status": "Registered"}
MISSING_SCOPE = {"msg": "x", "http_status": 403, "path": "/p", "error": "missing_scope", "error_description": "sse"}
REFUSED = {
    "msg": "answered 404: Odd words.",
    "http_status": 404,
    "path": "GET /esa/api/v2.0/message-tracking/messages",
    "error": "Odd words.",
}
FOUND = {"device_id": DEVICE, "enabled": True, "request_timeframe_days": 30}
HEALTHY: dict[str, Any] = {
    "wanted": {"region": "europe", "module_name": HOST, "managed_by_sma": "", "hosted": False},
    "read": {
        "host": HOST,
        "reachable": True,
        "refused": False,
        "problem": "",
        "pending_changes": False,
        "cloud_service": {
            "hostname": HOST,
            "product": "ESA",
            "enabled": True,
            "server": "api.eu.sse.itd.cisco.com",
            "registration": "registered",
        },
    },
    "devices": {"item": "europe", "ansible_facts": {"sse_devices": [RECORD]}},
    "elsewhere": [],
    "modules": {
        "item": "europe",
        "module_types": [{"product": "esa", "title": "Email Security Appliance", "devices_offered": 1}],
        "modules": [{"name": HOST, "id": MODULE, "action": "none", "found": FOUND}],
    },
    "investigation": {
        "item": "europe",
        "health": {"modules": [{"module_instance_id": MODULE, "status": "ok"}]},
        "errors": [],
        "sightings": [{"module_instance_id": MODULE}],
    },
    "tracking": {"total": 1},
    "problem": "",
    "others": {},
}


def changed(**changes: Any) -> dict[str, Any]:
    """The healthy readings with other values; a path such as read__cloud_service__enabled leads to a value."""
    told = copy.deepcopy(HEALTHY)
    for path, value in changes.items():
        place: Any = told
        *way, last = path.split("__")
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value
    return told


def diagnose(told: dict[str, Any]) -> dict[str, Any]:
    settings = {HOST: told["wanted"], **dict.fromkeys(told["others"], told["wanted"])}
    devices = [told["devices"], {"item": "americas", "ansible_facts": {"sse_devices": told["elsewhere"]}}]
    results = {
        "devices": {"results": devices},
        "modules": {"results": [told["modules"]]},
        "investigation": {"results": [told["investigation"]]},
    }
    hostvars = {host: {"esa_ctr__tracking": told["tracking"]} for host in settings}
    rows = [told["read"], *told["others"].values()]
    return fleet_diagnosis(settings, rows, results, hostvars, QUERY, told["problem"])[0]


def registration(value: str, records: list[dict[str, Any]]) -> dict[str, Any]:
    return {"read__cloud_service__registration": value, "devices__ansible_facts__sse_devices": records}


WAITING = [{**RECORD, "status": "Pending", "type": None}]
CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("managed_by_sma", {"wanted__managed_by_sma": "sma1.example.com"}),
    ("managed_by_sma", {"wanted__hosted": True}),
    ("not_reachable", {"read__reachable": False, "read__cloud_service": None}),
    ("too_old", {"read__refused": True, "read__cloud_service": None}),
    ("not_readable", {"read__cloud_service": None}),
    ("not_enabled", {"read__cloud_service__enabled": False}),
    ("not_committed", registration("unavailable", [])),
    ("wrong_region_server", {"read__cloud_service__server": "api-sse.cisco.com"}),
    ("busy_too_long", registration("in_progress", [])),
    ("same_host_name", {"others": {"esa2.example.com": {**HEALTHY["read"], "host": "esa2.example.com"}}}),
    ("api_not_usable", {"devices": {"item": "europe", "msg": "401", "http_status": 401}}),
    ("quota_used_up", {"devices": {"item": "europe", "msg": "429", "http_status": 429, "path": "/p"}}),
    ("scope_missing", {"devices": {"item": "europe", **MISSING_SCOPE}}),
    ("api_not_usable", {"devices": {"item": "europe", "msg": "a proxy", "http_status": 403, "path": "/p"}}),
    ("api_not_usable", {"devices": {"item": "europe", **MISSING_SCOPE, "path": "/iroh/oauth2/token"}}),
    (
        "scope_missing",
        {"devices": {"item": "europe", "msg": "x", "http_status": 403, "path": "/p", "remedy": "Add the scope sse."}},
    ),
    ("two_records", {"devices__ansible_facts__sse_devices": [RECORD, {**RECORD, "id": "d-2"}]}),
    ("registered_elsewhere", {"devices__ansible_facts__sse_devices": [], "elsewhere": [RECORD]}),
    ("registered_only_in_sse", registration("unregistered", [RECORD])),
    ("registered_only_in_sse", registration("failed", [RECORD])),
    ("token_refused", registration("failed", WAITING)),
    ("registration_failed", registration("failed", [])),
    ("token_not_used", registration("unregistered", WAITING)),
    ("never_registered", registration("unregistered", [])),
    ("absent_in_sse", {"devices__ansible_facts__sse_devices": []}),
    ("absent_in_sse", {"devices__ansible_facts__sse_devices": WAITING}),
    ("absent_in_sse", {"devices__ansible_facts__sse_devices": [{**RECORD, "type": "FTD"}]}),
    ("api_not_usable", {"modules": {"item": "europe", "msg": "no answer"}}),
    ("scope_missing", {"modules": {"item": "europe", **MISSING_SCOPE}}),
    ("ctr_not_enabled_in_sse", {"modules__module_types__0__devices_offered": 0}),
    ("module_unclear", {"modules__modules": []}),
    ("module_unclear", {"modules__modules__0__action": "failed", "modules__modules__0__error": "two modules"}),
    ("module_missing", {"modules__modules__0__found": None}),
    ("module_of_another_device", {"modules__modules__0__found__device_id": "d-9"}),
    ("module_disabled", {"modules__modules__0__found__enabled": False}),
    ("quota_used_up", {"investigation": {"item": "europe", "msg": "429", "http_status": 429, "path": "/p"}}),
    ("module_unhealthy", {"investigation__health__modules__0__status": "error"}),
    (
        "module_unhealthy",
        {"investigation__errors": [{"module_instance_id": MODULE, "code": "timeout", "message": "no answer"}]},
    ),
    ("query_syntax", {"problem": "no such type"}),
    ("tracking_off", {"tracking": {**REFUSED, "refusal": "tracking_off"}}),
    ("no_data_in_timeframe", {"investigation__sightings": []}),
    ("nothing_wrong", {}),
    ("nothing_wrong", {"modules__msg": "1 of 2 modules failed"}),
    ("nothing_wrong", {"read__cloud_service__server": None}),
    ("nothing_wrong", {"investigation__health__modules__0__status": "unknown"}),
    ("nothing_wrong", {"read__pending_changes": True}),
    ("nothing_wrong", {"tracking": {"msg": "x", "http_status": 403, "path": "/esa/api/v2.0/login", "refusal": None}}),
    *(("nothing_wrong", {"tracking": {**REFUSED, "refusal": kind}}) for kind in ("no_path", "bad_attribute", "other")),
    ("nothing_wrong", {"devices__ansible_facts__sse_devices__0__name": HOST.upper()}),
    ("nothing_wrong", {"investigation__errors": [{"module_instance_id": "m-9", "code": "x", "message": "another's"}]}),
)


@pytest.mark.parametrize(("code", "changes"), CASES, ids=[f"{place}-{code}" for place, (code, _) in enumerate(CASES)])
def test_one_thing_that_is_wrong(code, changes) -> None:
    row = diagnose(changed(**changes))
    assert row["code"] == code, row
    assert row["evidence"] and row["portal_url"] == "https://admin.eu.sse.itd.cisco.com"
    assert row["page"] == f"docs/troubleshooting.md#{code}"
    for text in (row["sentence"], row["evidence"], row["remedy"]):
        assert "{" not in text and "None" not in text, text


@pytest.mark.parametrize("sightings", [[], [{"module_instance_id": MODULE}]])
@pytest.mark.parametrize("kind", ["no_path", "bad_attribute", "other"])
def test_a_refused_search_is_shown_with_the_words_of_the_appliance(kind, sightings) -> None:
    told = {"tracking": {**REFUSED, "refusal": kind}, "investigation__sightings": sightings}
    row = diagnose(changed(**told))
    assert row["code"] == ("nothing_wrong" if sightings else "no_data_in_timeframe")
    assert "message tracking: not read: answered 404: Odd words." in row["evidence"]


def test_every_code_has_a_case() -> None:
    assert {code for code, _changes in CASES} == set(BY_CODE)


def test_the_drift_gets_the_finding_of_its_host() -> None:
    rows = [{"host": HOST}, {"host": "esa2.example.com"}]
    row = diagnose(HEALTHY)
    shown = with_findings({"regions": [], "appliances": rows}, [row])
    assert [one["finding"] and one["finding"]["code"] for one in shown["appliances"]] == ["nothing_wrong", None]
    assert set(shown["appliances"][0]["finding"]) == set(row) - {"host", "region"}
    assert "finding" not in rows[0]
