# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each rule is tested with the readings of an appliance without a problem, in which one reading is changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import Identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import (
    ApplianceReading,
    Failure,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.diagnosis import Diagnosis, fleet_diagnosis
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.evidence import (
    Readings,
    TrackingOutcome,
    tracking_outcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.investigation import (
    InvestigationOutcome,
    ModuleError,
    ModuleHealth,
    Sighting,
    investigation_outcome,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    Answer,
    ApiFailure,
    DevicesReading,
    FleetState,
    FoundModule,
    FoundType,
    ModulesOutcome,
    Outcomes,
    Registration,
    Settings,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import FleetPlan
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import finding_row

HOST, MODULE, DEVICE = "esa1.example.com", "m-1", "d-1"
QUERY = 'email_subject:"Invoice Due"'
RECORD = Device(DEVICE, HOST, "Registered", "ESA")
SERVICE = CloudService(
    HOST, Identity("ESA", "C100V", "14.0.0-698", "s"), True, "api.eu.sse.itd.cisco.com", "registered"
)
READ = ApplianceReading(HOST, True, SERVICE, False)
FOUND = FoundModule(HOST, DEVICE, 30, True, MODULE, "esa")
ANSWER = Answer(HOST, MODULE, Action.NONE, found=FOUND)
MODULES = ModulesOutcome((ANSWER,), types=(FoundType("esa", "Email Security Appliance", 1),))
INVESTIGATION = InvestigationOutcome(
    health=(ModuleHealth(HOST, MODULE, "ok"),), sightings=(Sighting(MODULE, ("Invoice Due",)),)
)
FORBIDDEN = ApiFailure("x", path="/p", http_status=403, error="missing_scope", error_description="sse")
USED_UP = ApiFailure("429", path="/p", http_status=429)
REFUSED = {
    "msg": "answered 404: Odd words.",
    "http_status": 404,
    "path": "GET /esa/api/v2.0/message-tracking/messages",
    "error": "Odd words.",
}


@dataclass(frozen=True)
class Scenario:
    """Readings of an appliance without a problem; each case changes one reading."""

    wanted: Wanted = Wanted(HOST, "europe", HOST)
    read: ApplianceReading = READ
    devices: DevicesReading = DevicesReading((RECORD,))
    elsewhere: DevicesReading = DevicesReading()
    modules: ModulesOutcome | None = MODULES
    investigation: InvestigationOutcome = INVESTIGATION
    tracking: TrackingOutcome = TrackingOutcome(1)
    problem: str = ""
    others: dict[str, ApplianceReading] = field(default_factory=dict)

    def diagnose(self) -> Diagnosis:
        wanted = {HOST: self.wanted} | {host: replace(self.wanted, host=host) for host in self.others}
        state = FleetState(
            Settings(wanted, ("europe",)),
            {HOST: self.read, **self.others},
            {"europe": self.devices, "americas": self.elsewhere},
        )
        modules = {"europe": self.modules} if self.modules else {}
        readings = Readings(
            state,
            FleetPlan({}, Outcomes(modules=modules)),
            {"europe": self.investigation},
            dict.fromkeys(wanted, self.tracking),
            QUERY,
            self.problem,
        )
        return fleet_diagnosis(readings)[0]


def service(**changes: Any) -> dict[str, Any]:
    return {"read": replace(READ, service=replace(SERVICE, **changes))}


def unread(reachable: bool = True, refused: bool = False) -> dict[str, Any]:
    return {"read": ApplianceReading(HOST, reachable, failure=Failure("p.", "r.", refused))}


def devices(*records: Device, failure: ApiFailure | None = None) -> dict[str, Any]:
    return {"devices": DevicesReading(records, failure)}


def modules(*answers: Answer, **changes: Any) -> dict[str, Any]:
    return {"modules": replace(MODULES, **({"answers": answers} if answers else {}), **changes)}


def registration(value: str, *records: Device) -> dict[str, Any]:
    return {**service(registration=value), **devices(*records)}


def no_modules(failure: ApiFailure) -> dict[str, Any]:
    return {"modules": ModulesOutcome(failure=failure)}


def tracking(**result: Any) -> dict[str, Any]:
    return {"tracking": tracking_outcome(result)}


def investigation(**changes: Any) -> dict[str, Any]:
    return {"investigation": replace(INVESTIGATION, **changes)}


PENDING = replace(RECORD, status="Pending", type=None)
CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("managed_by_sma", {"wanted": replace(Scenario().wanted, managed_by_sma="sma1.example.com")}),
    ("managed_by_sma", {"wanted": replace(Scenario().wanted, hosted=True)}),
    ("not_reachable", unread(reachable=False)),
    ("too_old", unread(refused=True)),
    ("not_readable", unread()),
    ("not_enabled", service(enabled=False)),
    ("not_committed", registration("unavailable")),
    ("wrong_region_server", service(server="api-sse.cisco.com")),
    ("busy_too_long", registration("in_progress")),
    ("same_host_name", {"others": {"esa2.example.com": replace(READ, host="esa2.example.com")}}),
    ("same_host_name", {"others": {"b": replace(READ, host="b", service=replace(SERVICE, hostname=HOST.upper()))}}),
    ("api_not_usable", devices(failure=ApiFailure("401", http_status=401))),
    ("quota_used_up", devices(failure=USED_UP)),
    ("scope_missing", devices(failure=FORBIDDEN)),
    ("api_not_usable", devices(failure=ApiFailure("a proxy", path="/p", http_status=403))),
    ("api_not_usable", devices(failure=replace(FORBIDDEN, path="/iroh/oauth2/token"))),
    (
        "scope_missing",
        devices(failure=ApiFailure("x", path="/p", http_status=403, fix="Add the scope sse.", missing_scopes=True)),
    ),
    ("two_records", devices(RECORD, replace(RECORD, id="d-2"))),
    ("registered_elsewhere", {**devices(), "elsewhere": DevicesReading((RECORD,))}),
    ("registered_only_in_sse", registration("unregistered", RECORD)),
    ("registered_only_in_sse", registration("failed", RECORD)),
    ("token_refused", registration("failed", PENDING)),
    ("registration_failed", registration("failed")),
    ("token_not_used", registration("unregistered", PENDING)),
    ("never_registered", registration("unregistered")),
    ("absent_in_sse", devices()),
    ("absent_in_sse", devices(PENDING)),
    ("absent_in_sse", devices(replace(RECORD, type="FTD"))),
    ("api_not_usable", no_modules(ApiFailure("no answer"))),
    ("scope_missing", no_modules(FORBIDDEN)),
    ("ctr_not_enabled_in_sse", modules(types=(FoundType("esa", "Email Security Appliance", 0),))),
    ("module_unclear", {"modules": replace(MODULES, answers=())}),
    ("module_unclear", {"modules": None}),
    ("module_unclear", modules(replace(ANSWER, action=Action.FAILED, error="two modules"))),
    ("module_missing", modules(replace(ANSWER, found=None))),
    ("module_of_another_device", modules(replace(ANSWER, found=replace(FOUND, device_id="d-9")))),
    ("module_disabled", modules(replace(ANSWER, found=replace(FOUND, enabled=False)))),
    ("quota_used_up", investigation(failure=USED_UP)),
    ("module_unhealthy", investigation(health=(ModuleHealth(HOST, MODULE, "error"),))),
    ("module_unhealthy", investigation(errors=(ModuleError(MODULE, "timeout", "no answer"),))),
    ("query_syntax", {"problem": "no such type"}),
    ("tracking_off", tracking(**REFUSED, refusal="tracking_off")),
    ("no_data_in_timeframe", investigation(sightings=())),
    ("nothing_wrong", {}),
    ("nothing_wrong", modules(failure=ApiFailure("1 of 2 modules failed"))),
    ("nothing_wrong", service(server=None)),
    ("nothing_wrong", investigation(health=(ModuleHealth(HOST, MODULE, "unknown"),))),
    ("nothing_wrong", {"read": replace(READ, pending_changes=True)}),
    ("nothing_wrong", tracking(msg="x", http_status=403, path="/esa/api/v2.0/login", refusal=None)),
    *(("nothing_wrong", tracking(**REFUSED, refusal=kind)) for kind in ("no_path", "bad_attribute", "other")),
    ("nothing_wrong", devices(replace(RECORD, name=HOST.upper()))),
    ("nothing_wrong", investigation(errors=(ModuleError("m-9", "x", "another's"),))),
    ("nothing_wrong", {"others": {"far": replace(READ, host="far", service=replace(SERVICE, hostname="far"))}}),
    ("nothing_wrong", {"others": {"lost": ApplianceReading("lost", failure=Failure("p."))}}),
)


@pytest.mark.parametrize(("code", "changes"), CASES, ids=[f"{place}-{code}" for place, (code, _) in enumerate(CASES)])
def test_each_problem_has_its_finding(code: str, changes: dict[str, Any]) -> None:
    row = finding_row(Scenario(**changes).diagnose())
    assert row["code"] == code, row
    assert row["evidence"] and row["portal_url"] == "https://admin.eu.sse.itd.cisco.com"
    assert row["page"] == f"docs/troubleshooting.md#{code}"
    for text in (row["sentence"], row["evidence"], row["fix"]):
        assert "{" not in text and "None" not in text, text


@pytest.mark.parametrize("sightings", [(), INVESTIGATION.sightings])
@pytest.mark.parametrize("kind", ["no_path", "bad_attribute", "other"])
def test_a_refused_search_shows_the_message_of_the_appliance(kind: str, sightings: Any) -> None:
    found = Scenario(**tracking(**REFUSED, refusal=kind), **investigation(sightings=sightings)).diagnose()
    assert found.finding.code == ("nothing_wrong" if sightings else "no_data_in_timeframe")
    assert "message tracking: not read: answered 404: Odd words." in found.evidence


def test_every_code_has_a_case() -> None:
    assert {code for code, _changes in CASES} == set(BY_CODE)


@pytest.mark.parametrize("value", [one.value for one in Registration])
def test_every_registration_state_has_a_finding(value: str) -> None:
    for records in ((), (RECORD,), (PENDING,)):
        found = Scenario(**registration(value, *records)).diagnose()
        assert (found.finding.code == "nothing_wrong") <= (value in ("registered", "smart_licensing"))


@pytest.mark.parametrize(
    ("read", "result", "field_name", "value"),
    [
        (tracking_outcome, {"total": 0, "messages": []}, "total", 0),
        (tracking_outcome, {"msg": "x"}, "total", None),
        (tracking_outcome, {"skipped": True}, "message", ""),
        (investigation_outcome, {"health": None, "sightings": None}, "health", None),
        (investigation_outcome, {"health": {"modules": []}}, "health", ()),
        (investigation_outcome, {"sightings": []}, "sightings", ()),
        (investigation_outcome, {"msg": "no"}, "failure", ApiFailure("no")),
    ],
)
def test_a_missing_reading_is_not_an_empty_reading(
    read: Callable[[dict[str, Any]], Any], result: dict[str, Any], field_name: str, value: Any
) -> None:
    assert getattr(read(result), field_name) == value
