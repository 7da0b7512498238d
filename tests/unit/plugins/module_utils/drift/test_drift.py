# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each check of an appliance in the report: desired value, value found, verdict, and a step or a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._drift.drift import APPLIANCE_CHECKS
from ansible_collections.emailsec.ctr.plugins.module_utils._report.drift_rows import TITLES
from tests.unit.plugins.module_utils.fleet.picture import (
    AMERICAS,
    APJC,
    EUROPE,
    Box,
    Picture,
    api_down,
    checks,
    device,
    module,
    no_scope,
    onboarded,
    too_old,
    unexpected,
    unreachable,
    unreadable,
    verdicts,
)

OFF = Box("a", enabled=False, server=None, registration="unavailable")
ON = Box("a", registration="unregistered")
DONE = Box("a")
ENABLE = f"enable the cloud service on {EUROPE}"
SET = f"set the server to {EUROPE}"
COMMIT = "commit (emailsec.ctr)"
REGISTER = "register with a registration token"
STOPS = "not reached: the run stops earlier for this appliance"


def row_of(box: Box, devices: Any = None, modules: Any = None, **more: Any) -> dict[str, Any]:
    """Return the row of this appliance. By default the clouds have the record and module of an onboarded appliance."""
    devices = [device("a")] if devices is None else devices
    modules = [module("a", "id-a-registered")] if modules is None else modules
    picture = Picture([box], {"europe": devices, **more.pop("elsewhere", {})}, {"europe": modules}, **more)
    return picture.report()["appliances"]["a"]


def test_an_appliance_without_drift() -> None:
    row = row_of(DONE)
    assert (row["verdict"], row["steps"], row["reason"]) == ("ok", [], "")
    assert tuple(verdicts(row)) == APPLIANCE_CHECKS
    assert set(verdicts(row).values()) == {"ok"}
    assert (row["hostname"], row["product"], row["version"]) == ("a.example.com", "ESA", "14.0.0-698")
    assert {code: check["found"] for code, check in checks(row).items()} == {
        "reachable": True,
        "supported": "ESA 14.0.0-698",
        "enabled": True,
        "server": EUROPE,
        "registration": "registered",
        "pending_changes": False,
        "sse_record": "Registered",
        "sse_region": "europe",
        "sse_name": "a.example.com",
        "sse_version": "14.0.0",
        "sse_connector": "1.3.34",
        "module": "a",
        "module_device": "a.example.com",
        "module_timeframe": 30,
        "module_enabled": True,
    }
    assert set(APPLIANCE_CHECKS) <= set(TITLES)


def test_an_appliance_that_was_never_enabled_needs_all_steps() -> None:
    row = row_of(OFF, [], [])
    assert (row["verdict"], row["steps"]) == ("drift", [ENABLE, COMMIT, REGISTER, "module created"])
    assert {code: check["step"] for code, check in checks(row).items() if check["verdict"] == "drift"} == {
        "enabled": ENABLE,
        "server": ENABLE,
        "registration": REGISTER,
        "sse_record": REGISTER,
        "module": "module created",
    }
    assert checks(row)["sse_record"]["found"] == "absent"


@pytest.mark.parametrize("version, product, wanted", [("13.0.0-392", "ESA", "13.0"), ("12.5.0-1", "SMA", "12.5")])
def test_product_and_version(version: str, product: str, wanted: str) -> None:
    modules = [module("a", "id-a-registered", product=product.lower())]
    row = row_of(replace(DONE, version=version, product=product), [device("a", version=version[:6])], modules)
    supported = checks(row)["supported"]
    assert (supported["wanted"], supported["found"]) == (f"{wanted} or later", f"{product} {version}")
    assert row["verdict"] == "ok"


def test_an_unsupported_appliance_is_refused_and_skipped() -> None:
    row = row_of(replace(DONE, trouble=too_old("a")))
    assert (row["verdict"], row["steps"]) == ("refused", [])
    assert row["reason"].endswith("Fix: upgrade the appliance.")
    assert verdicts(row) == {"reachable": "ok"} | dict.fromkeys(APPLIANCE_CHECKS[1:], "refused")


def test_an_unreachable_appliance_is_unknown() -> None:
    row = row_of(replace(DONE, trouble=unreachable("a")))
    assert (row["verdict"], row["steps"]) == ("unknown", [])
    assert row["reason"] == "connection refused. Fix: check ansible_port."
    assert checks(row)["reachable"] | {"title": ""} == {
        "check": "reachable",
        "title": "",
        "wanted": True,
        "found": False,
        "verdict": "unknown",
        "step": None,
        "reason": row["reason"],
        "explained": True,
    }
    assert set(verdicts(row).values()) == {"unknown"}


def test_a_reachable_appliance_that_cannot_be_read_is_unknown() -> None:
    row = row_of(replace(DONE, trouble=unreadable("a")))
    assert verdicts(row) == {"reachable": "ok"} | dict.fromkeys(APPLIANCE_CHECKS[1:], "unknown")
    assert "refused the command" in row["reason"]


def test_a_wrong_server_of_an_unregistered_appliance_is_corrected() -> None:
    row = row_of(replace(ON, server=AMERICAS), [], [])
    assert row["steps"] == [SET, COMMIT, REGISTER, "module created"]
    server = checks(row)["server"]
    assert (server["wanted"], server["found"], server["step"]) == (EUROPE, AMERICAS, SET)


def test_a_registered_appliance_of_another_region_is_refused_unless_it_may_move() -> None:
    box, elsewhere = replace(DONE, server=AMERICAS), {"americas": [device("a")]}
    row = row_of(box, [], [], elsewhere=elsewhere)
    assert (row["verdict"], row["steps"]) == ("refused", [])
    assert "-e esa_ctr_allow_region_change=true" in row["reason"]
    assert verdicts(row)["server"] == verdicts(row)["sse_record"] == verdicts(row)["module"] == "refused"
    assert checks(row)["sse_region"]["found"] == "americas"
    moved = row_of(box, [], [], elsewhere=elsewhere, allow_move=True)
    assert moved["verdict"] == "drift"
    assert moved["steps"] == [
        *("deregister", SET, COMMIT, REGISTER, "SSE record of americas deleted", "module created"),
    ]
    assert checks(moved)["registration"]["step"] == REGISTER
    assert checks(moved)["sse_region"]["step"] == "SSE record of americas deleted"


def test_a_server_that_the_appliance_does_not_show() -> None:
    """SSE shows the region of a registered appliance. The server of any other appliance is set before registration."""
    silent = replace(DONE, server=None)
    assert verdicts(row_of(silent))["server"] == "ok"
    alone = row_of(silent, [], [])
    assert checks(alone)["server"]["verdict"] == "unknown"
    assert alone["verdict"] == "unknown"
    row = row_of(replace(ON, server=None), [], [])
    assert row["steps"] == [SET, COMMIT, REGISTER, "module created"]
    assert (checks(row)["server"]["verdict"], checks(row)["server"]["step"]) == ("drift", SET)


def test_a_server_that_is_not_offered_is_refused() -> None:
    row = row_of(Box("a", region="apjc", enabled=False, server=None, registration="unavailable", offered=(AMERICAS,)))
    assert row["verdict"] == "refused"
    assert f"does not offer the server {APJC}" in row["reason"]
    assert (checks(row)["server"]["verdict"], checks(row)["server"]["reason"]) == ("refused", STOPS)


def test_an_enable_that_was_not_committed_is_refused() -> None:
    for server in (EUROPE, AMERICAS):
        row = row_of(Box("a", registration="unavailable", server=server, pending=True), [], [])
        assert (row["verdict"], row["steps"]) == ("refused", [])
        assert "enabling was not committed" in row["reason"]


def test_a_failed_registration_is_repeated() -> None:
    row = row_of(replace(ON, registration="failed"), [device("a", "Pending")], [])
    assert row["steps"] == [REGISTER, "module created"]
    assert checks(row)["registration"]["found"] == "failed"


def test_a_busy_cloud_service_is_unknown_and_a_run_waits() -> None:
    row = row_of(replace(DONE, registration="in_progress", server=None))
    assert row["verdict"] == "unknown"
    assert row["steps"] == ["wait until the cloud service is no longer busy"]
    assert {verdicts(row)[code] for code in ("enabled", "server", "registration")} == {"unknown"}
    assert "busy" in row["reason"] and "Fix:" in row["reason"]
    fresh = row_of(replace(DONE, registration="in_progress", server=None), [], [])
    assert checks(fresh)["module"]["step"] is None, "it is unknown whether a run would create it"


def test_uncommitted_changes_of_another_administrator() -> None:
    row = row_of(replace(DONE, pending=True))
    assert (row["verdict"], row["steps"]) == ("drift", [])
    assert verdicts(row)["pending_changes"] == "drift"
    assert "commit or clear them" in checks(row)["pending_changes"]["reason"]
    stopped = row_of(replace(OFF, pending=True), [], [])
    assert (stopped["verdict"], stopped["steps"]) == ("refused", [])
    assert verdicts(stopped)["pending_changes"] == verdicts(stopped)["enabled"] == "refused"
    later = row_of(replace(ON, server=None, pending=True), [], [])
    assert later["steps"] == [], "no token for one that could not commit"
    assert "another administrator's uncommitted changes" in later["reason"]
    assert verdicts(row_of(replace(DONE, pending=None)))["pending_changes"] == "unknown"


def test_an_incomplete_reading_is_unknown() -> None:
    row = row_of(replace(OFF, trouble_later=unexpected("a")), [], [])
    assert (row["verdict"], row["steps"]) == ("unknown", [])
    assert checks(row)["enabled"] | {"title": ""} == {
        "check": "enabled",
        "title": "",
        "wanted": True,
        "found": False,
        "verdict": "drift",
        "step": None,
        "reason": STOPS,
        "explained": False,
    }


@pytest.mark.parametrize(
    "found, shown, states",
    [
        ([], "absent", "not in SSE"),
        ([device("a", "Unregistered")], "Unregistered", "Unregistered"),
        ([device("a", "Pending")], "Pending", "Pending"),
        ([device("a"), device("a", "Pending")], "Registered, Pending", "duplicate name: "),
    ],
)
def test_a_record_whose_wait_would_time_out(found: Any, shown: str, states: str) -> None:
    row = row_of(DONE, found)
    assert (row["verdict"], row["steps"]) == ("refused", [])
    assert (checks(row)["sse_record"]["found"], verdicts(row)["sse_record"]) == (shown, "refused")
    assert f"SSE of EUROPE does not show it as registered ({states}" in row["reason"]
    assert "deregister it (emailsec.ctr.esa_cloud_service with state: unregistered)" in row["reason"]


def test_a_run_with_pruning_removes_surplus_records_first() -> None:
    both = [device("a"), device("a", "Unregistered")]
    row = row_of(DONE, both, prune=True)
    assert (row["verdict"], row["steps"], row["reason"]) == ("drift", [], "")
    assert "see the region" in checks(row)["sse_record"]["reason"]


@pytest.mark.parametrize("status", ["Pending", "Unregistered"])
def test_a_pending_record_is_not_drift(status: str) -> None:
    row = row_of(ON, [device("a", status)], [])
    assert row["steps"] == [REGISTER, "module created"]
    assert (checks(row)["sse_record"]["found"], checks(row)["sse_record"]["step"]) == (status, REGISTER)


@pytest.mark.parametrize(
    "found, said",
    [
        ([device("a")], "SSE shows a registered device a.example.com"),
        ([device("a", "Suspended")], 'has the status "Suspended"'),
        ([device("a", "Pending"), device("a", "Unregistered")], "SSE has 2 devices with the name"),
    ],
)
def test_a_refused_token_stops_the_run_after_the_commit(found: Any, said: str) -> None:
    row = row_of(OFF, found, [])
    assert (row["verdict"], row["steps"]) == ("refused", [ENABLE, COMMIT])
    assert said in row["reason"]
    assert checks(row)["enabled"] == {**checks(row)["enabled"], "verdict": "drift", "step": ENABLE}
    for code in ("registration", "sse_record", "module"):
        assert (checks(row)[code]["verdict"], checks(row)[code]["reason"]) == ("refused", STOPS)


def test_letter_case_of_names_is_ignored() -> None:
    row = row_of(DONE, [device("a", name="A.Example.COM")], [module("a", "id-a-registered")])
    assert row["verdict"] == "ok"
    beside = [device("a"), device("a", "Pending", name="A.EXAMPLE.COM")]
    assert checks(row_of(DONE, beside))["sse_record"]["found"] == "Registered"


def test_an_upgrade_that_sse_does_not_show_yet() -> None:
    row = row_of(replace(DONE, version="15.5.1-055"))
    version = checks(row)["sse_version"]
    assert (row["verdict"], version["wanted"], version["found"]) == ("drift", "15.5.1", "14.0.0")
    assert "automatically" in version["reason"] and version["step"] is None
    silent = row_of(DONE, [device("a", version=None, connector_version=None)])
    assert silent["verdict"] == "ok"
    assert {checks(silent)[code]["reason"] for code in ("sse_version", "sse_connector")} == {"not reported by SSE"}


def test_records_in_other_regions() -> None:
    left = {"americas": [device("a", "Unregistered")]}
    row = row_of(DONE, elsewhere=left)
    region = checks(row)["sse_region"]
    assert (row["verdict"], region["found"], region["step"]) == ("drift", "europe, americas", None)
    assert "with esa_ctr_allow_region_change: true, a run deletes it" in region["reason"]
    moved = row_of(DONE, elsewhere=left, allow_move=True)
    assert (moved["verdict"], moved["steps"]) == ("drift", ["SSE record of americas deleted"])
    assert checks(moved)["sse_region"]["step"] == "SSE record of americas deleted"
    double = row_of(DONE, elsewhere={"apjc": [device("a")]}, allow_move=True)
    assert (double["steps"], checks(double)["sse_region"]["verdict"]) == ([], "drift")
    assert "may be another appliance" in checks(double)["sse_region"]["reason"]


def test_records_in_other_regions_are_removed_in_any_letter_case() -> None:
    left = [device("a", "Unregistered"), device("a", "Unregistered", id="other", name="A.EXAMPLE.com")]
    row = row_of(DONE, elsewhere={"americas": left}, allow_move=True)
    assert (row["verdict"], row["reason"]) == ("drift", "")
    assert row["steps"] == ["SSE record of americas deleted"] * 2


def test_an_unread_region_may_have_records() -> None:
    blind = {"apjc": api_down("apjc")}
    row = row_of(DONE, devices_error=blind)
    assert row["verdict"] == "ok"
    assert checks(row)["sse_region"]["reason"] == "apjc could not be read, so a record there is not detected"
    assert checks(row_of(ON, [], [], devices_error=blind))["sse_region"]["verdict"] == "unknown"


@pytest.mark.parametrize(
    "found, code, shown",
    [
        (module("a", "id-a-registered", days=7), "module_timeframe", 7),
        (module("a", "id-a-registered", enabled=False), "module_enabled", False),
        (module("Mail", "id-a-registered"), "module", "Mail"),
        (module("a", "gone"), "module_device", "gone (not in SSE)"),
        (module("a", "id-b-registered"), "module_device", "b.example.com (id-b-registered)"),
        (module("a", None), "module_device", None),
    ],
)
def test_a_module_that_differs_is_updated(found: Any, code: str, shown: Any) -> None:
    row = row_of(DONE, [device("a"), device("b")], [found])
    assert (row["verdict"], row["steps"]) == ("drift", ["module updated"])
    assert [check["check"] for check in row["checks"] if check["verdict"] != "ok"] == [code]
    assert (checks(row)[code]["found"], checks(row)[code]["step"]) == (shown, "module updated")


def test_the_device_of_a_module_is_not_confirmed_while_its_name_is_a_duplicate() -> None:
    row = row_of(DONE, [device("a"), device("a", id="twin")])
    assert checks(row)["module_device"]["found"] == "a.example.com (id-a-registered)"
    assert checks(row)["module_device"]["verdict"] == "refused"


def test_the_desired_settings_of_the_module() -> None:
    row = row_of(replace(DONE, module_name="Mail", days=60))
    assert row["steps"] == ["module updated"]
    assert (checks(row)["module"]["wanted"], checks(row)["module"]["found"]) == ("Mail", "a")
    assert (checks(row)["module_timeframe"]["wanted"], checks(row)["module_timeframe"]["found"]) == (60, 30)


def test_a_module_gets_the_device_of_a_new_registration() -> None:
    row = row_of(ON, [], [module("a", "gone")])
    assert row["steps"] == [REGISTER, "module updated"]
    assert checks(row)["module_device"]["step"] == "module updated"
    same = row_of(ON, [device("a", "Unregistered")], [module("a", "id-a-unregistered")])
    assert same["steps"] == [REGISTER], "a new token is for the same record"


@pytest.mark.parametrize(
    "modules, said",
    [
        ([module("a", "id-a-registered"), module("a", "gone")], "CTR has 2 modules with the name a"),
        ([module("x", "id-a-registered"), module("y", "id-a-registered")], "has 2 modules with other names"),
    ],
)
def test_modules_that_a_run_cannot_distinguish_are_refused(modules: Any, said: str) -> None:
    row = row_of(DONE, modules=modules)
    assert (row["verdict"], row["steps"]) == ("refused", [])
    assert said in row["reason"] and said in checks(row)["module"]["reason"]
    earlier = row_of(OFF, [], modules)
    assert earlier["steps"][:3] == [ENABLE, COMMIT, REGISTER], "what comes before it is done"


def test_modules_of_an_appliance_that_stops_the_run() -> None:
    """The modules are still compared."""
    row = row_of(DONE, [], [module("a", "gone", days=7)])
    assert (row["verdict"], row["steps"]) == ("refused", [])
    assert {code for code, verdict in verdicts(row).items() if verdict == "refused"} == {
        *("sse_record", "module_device", "module_timeframe"),
    }
    twice = row_of(DONE, [], [module("a", "gone"), module("a", None)])
    assert (checks(twice)["module"]["found"], verdicts(twice)["module"]) == ("2 of this name", "refused")


def test_equal_modules_are_drift_that_a_run_removes() -> None:
    twins = [module("a", "id-a-registered") for _time in range(2)]
    twins[1]["id"] = "another"
    row = row_of(DONE, modules=twins)
    assert (row["verdict"], row["steps"]) == ("drift", ["module updated"])
    assert (checks(row)["module"]["found"], verdicts(row)["module"]) == ("2 of this name", "drift")


def test_two_appliances_of_one_host_name_are_refused_after_the_commit() -> None:
    class Twin(Box):
        hostname = "a.example.com"

    twin = Twin("twin", enabled=False, server=None, registration="unavailable")
    rows = Picture([OFF, twin]).report()["appliances"]
    for row in rows.values():
        assert (row["verdict"], row["steps"]) == ("refused", [ENABLE, COMMIT])
        assert "2 appliances of europe have the host name a.example.com" in row["reason"]


def test_an_unreachable_region_is_unknown_without_steps() -> None:
    row = row_of(OFF, devices_error={"europe": api_down("europe")})
    assert (row["verdict"], row["steps"]) == ("unknown", [])
    assert "cannot connect" in row["reason"]
    assert {verdict for code, verdict in verdicts(row).items() if code.startswith(("sse", "module"))} == {"unknown"}
    assert checks(row)["enabled"]["reason"] == STOPS


def test_modules_that_cannot_be_read_are_unknown() -> None:
    row = row_of(OFF, [], modules_error={"europe": api_down("europe")})
    assert (row["verdict"], row["steps"]) == ("unknown", [ENABLE, COMMIT, REGISTER])
    assert {verdict for code, verdict in verdicts(row).items() if code.startswith("module")} == {"unknown"}


def test_a_missing_module_type_is_refused() -> None:
    row = row_of(DONE, types={"europe": ("sma",)})
    assert (row["verdict"], verdicts(row)["module"]) == ("refused", "refused")
    assert "EUROPE: no module type with the title" in checks(row)["module"]["reason"]


def test_manual_mode_needs_no_devices() -> None:
    """Without the scope sse, the records are unknown, and modules are added in manual mode."""
    row = row_of(OFF, modules=[], manual=True, devices_error={"europe": no_scope()})
    assert row["steps"] == [ENABLE, COMMIT, REGISTER]
    assert verdicts(row)["sse_record"] == "unknown"
    assert verdicts(row)["module"] == "drift"
    assert "Add New Module" in checks(row)["module"]["reason"]
    there = row_of(DONE, manual=True, devices_error={"europe": no_scope()})
    assert verdicts(there)["module_device"] == "unknown"
    assert verdicts(there)["module"] == "ok"


def test_a_failed_appliance_does_not_affect_the_others() -> None:
    picture = onboarded("a", "b")
    picture.boxes[0] = replace(picture.boxes[0], trouble=unreachable("a"))
    rows = picture.report()["appliances"]
    assert {host: row["verdict"] for host, row in rows.items()} == {"a": "unknown", "b": "ok"}
