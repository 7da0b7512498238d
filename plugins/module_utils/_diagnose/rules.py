# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The rules of the diagnosis, one for each code of the catalogue.

A rule returns its evidence (what was read, and where) if it applies, or None. Rules are checked in the order of the
catalogue, from the appliance to the investigation. The first rule that applies is closest to the cause.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.refusals import TRACKING_OFF
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Action, ApiFailure, Registration
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions

from .evidence import Evidence

Rule = Callable[[Evidence], "str | None"]


class FailureOf(Protocol):
    """Return the failure of an API call for an appliance, or None."""

    def __call__(self, evidence: Evidence, /) -> ApiFailure | None: ...


TOO_MANY_REQUESTS = 429


def managed_by_sma(evidence: Evidence) -> str | None:
    sma = evidence.wanted.managed_by_sma
    if sma:
        return f"inventory: esa_ctr_managed_by_sma is {sma}"
    return "inventory: esa_ctr_hosted is true" if evidence.wanted.hosted else None


def not_reachable(evidence: Evidence) -> str | None:
    return None if evidence.read.reachable else f"SSH: {evidence.problem}"


def too_old(evidence: Evidence) -> str | None:
    refused = evidence.read.failure is not None and evidence.read.failure.refused and evidence.service is None
    return f"version: {evidence.problem}" if refused else None


def not_readable(evidence: Evidence) -> str | None:
    return f"command line: {evidence.problem}" if evidence.service is None else None


def not_enabled(evidence: Evidence) -> str | None:
    return None if evidence.service is None or evidence.service.enabled else "cloudserviceconfig: disabled"


def not_committed(evidence: Evidence) -> str | None:
    if evidence.registration is not Registration.UNAVAILABLE:
        return None
    pending = " showchanges: uncommitted changes." if evidence.read.pending_changes else ""
    return f"cloudserviceconfig: enabled, but neither registered nor asking for a token.{pending}"


def wrong_region_server(evidence: Evidence) -> str | None:
    server = evidence.service.server if evidence.service else None
    wanted = all_regions()[evidence.region].appliance_server
    if server is None or server == wanted:
        return None
    return f"cloudserviceconfig: server {server}; inventory: {evidence.region}, server {wanted}"


def busy_too_long(evidence: Evidence) -> str | None:
    return "cloudserviceconfig: busy in all readings" if evidence.registration is Registration.IN_PROGRESS else None


def _api_not_usable(evidence: Evidence, failure_of: FailureOf) -> str | None:
    failure = failure_of(evidence)
    return (
        None if failure is None or failure.lacks_scope or failure.http_status == TOO_MANY_REQUESTS else failure.message
    )


def _quota_used_up(evidence: Evidence, failure_of: FailureOf) -> str | None:
    failure = failure_of(evidence)
    return f"{failure.path}: 429" if failure and failure.http_status == TOO_MANY_REQUESTS else None


def _scope_missing(evidence: Evidence, failure_of: FailureOf) -> str | None:
    failure = failure_of(evidence)
    if failure is None or not failure.lacks_scope:
        return None
    details = [text for text in (failure.error_description, failure.fix) if text]
    return ". ".join([f"{failure.path}: 403 {failure.error or ''}".rstrip(), *details])


def _api_rules(failure_of: FailureOf) -> list[tuple[str, Rule]]:
    """Return the rules for a failed API call of a region. They are the same at each stage."""
    return [
        ("quota_used_up", partial(_quota_used_up, failure_of=failure_of)),
        ("scope_missing", partial(_scope_missing, failure_of=failure_of)),
        ("api_not_usable", partial(_api_not_usable, failure_of=failure_of)),
    ]


def same_host_name(evidence: Evidence) -> str | None:
    others = evidence.same_name_hosts
    return f"version and prompt: {evidence.name} is also the host name of {', '.join(others)}" if others else None


def two_records(evidence: Evidence) -> str | None:
    return f"{_records(evidence)}" if len(evidence.records(evidence.region)) > 1 else None


def registered_elsewhere(evidence: Evidence) -> str | None:
    if evidence.registered_records(evidence.region) or not evidence.elsewhere:
        return None
    shown = ", ".join(f"{region} (device {one.id})" for region, one in evidence.elsewhere)
    return f"SSE of {evidence.region}: not registered; registered in {shown}"


def registered_only_in_sse(evidence: Evidence) -> str | None:
    if evidence.registration not in (Registration.UNREGISTERED, Registration.FAILED) or not evidence.registered_records(
        evidence.region
    ):
        return None
    shows = "asks for a token" if evidence.registration is Registration.UNREGISTERED else "the registration failed"
    return f"cloudserviceconfig: {shows}; {_records(evidence)}"


def token_refused(evidence: Evidence) -> str | None:
    if evidence.registration is not Registration.FAILED or not evidence.records(evidence.region):
        return None
    return f"cloudserviceconfig: the registration failed; {_records(evidence)}"


def registration_failed(evidence: Evidence) -> str | None:
    return (
        f"cloudserviceconfig: the registration failed; {_records(evidence)}"
        if evidence.registration is Registration.FAILED
        else None
    )


def token_not_used(evidence: Evidence) -> str | None:
    if evidence.registration is not Registration.UNREGISTERED or not evidence.records(evidence.region):
        return None
    return f"cloudserviceconfig: asks for a token; {_records(evidence)}"


def never_registered(evidence: Evidence) -> str | None:
    return (
        f"cloudserviceconfig: asks for a token; {_records(evidence)}"
        if evidence.registration is Registration.UNREGISTERED
        else None
    )


def absent_in_sse(evidence: Evidence) -> str | None:
    if evidence.registered_records(evidence.region):
        return None
    return f"cloudserviceconfig: registered; {_records(evidence)}"


def ctr_not_enabled_in_sse(evidence: Evidence) -> str | None:
    none_offered = [
        one for one in evidence.modules.types if one.devices_offered == 0 and one.product == evidence.product
    ]
    if not none_offered:
        return None
    return f"module type {none_offered[0].title}: its field Registered Device offers no device; {_records(evidence)}"


def module_unclear(evidence: Evidence) -> str | None:
    if evidence.module is None:
        return "CTR: its module was not compared, because a run would fail earlier for this appliance"
    return f"CTR: {evidence.module.error}" if evidence.module.action is Action.FAILED else None


def module_missing(evidence: Evidence) -> str | None:
    if evidence.module is not None and evidence.module.found is not None:
        return None
    return f"CTR: no module {evidence.wanted.module_name!r}, and no module of its device"


def module_of_another_device(evidence: Evidence) -> str | None:
    points_to = evidence.module.found.device_id if evidence.module and evidence.module.found else None
    own = [one.id for one in evidence.registered_records(evidence.region)]
    if points_to in own:
        return None
    reading = evidence.readings.state.devices.get(evidence.region)
    known = reading.book.by_id(points_to) if reading else None
    to = f"device {points_to}, {known.name}" if known else f"device {points_to}, which does not exist"
    return f"CTR: module {evidence.module_id} points to {to}; the appliance is device {', '.join(own)}"


def module_disabled(evidence: Evidence) -> str | None:
    found = evidence.module.found if evidence.module else None
    return f"CTR: module {evidence.module_id} is disabled" if found and not found.enabled else None


def module_unhealthy(evidence: Evidence) -> str | None:
    words = "; ".join(f"{one.code}: {one.message}" for one in evidence.module_errors)
    if evidence.health == "error" or words:
        return f"CTR: module {evidence.module_id}: health {evidence.health}" + (f"; {words}" if words else "")
    return None


def query_syntax(evidence: Evidence) -> str | None:
    return f"query: {evidence.readings.query_problem}" if evidence.readings.query_problem else None


def tracking_off(evidence: Evidence) -> str | None:
    shown = evidence.tracking
    return f"{shown.path}: {shown.http_status} {shown.error}" if shown.refusal == TRACKING_OFF else None


def no_data_in_timeframe(evidence: Evidence) -> str | None:
    if not evidence.readings.query or evidence.sightings:
        return None
    found = evidence.module.found if evidence.module else None
    days = found.request_timeframe_days if found else None
    seen = (
        f"message tracking: {evidence.tracking.total} messages in {days} days"
        if evidence.tracking.total is not None
        else evidence.tracking_problem or "message tracking: not read"
    )
    return f"CTR: no sighting of {evidence.readings.query} in module {evidence.module_id} ({days} days); {seen}"


RULES: tuple[tuple[str, Rule], ...] = (
    *((rule.__name__, rule) for rule in (managed_by_sma, not_reachable, too_old, not_readable)),
    *(
        (rule.__name__, rule)
        for rule in (not_enabled, not_committed, wrong_region_server, busy_too_long, same_host_name)
    ),
    *_api_rules(lambda evidence: evidence.devices_failure),
    *((rule.__name__, rule) for rule in (two_records, registered_elsewhere, registered_only_in_sse)),
    *((rule.__name__, rule) for rule in (token_refused, registration_failed)),
    *((rule.__name__, rule) for rule in (token_not_used, never_registered, absent_in_sse)),
    *_api_rules(lambda evidence: evidence.modules_failure),
    *((rule.__name__, rule) for rule in (ctr_not_enabled_in_sse, module_unclear, module_missing)),
    *((rule.__name__, rule) for rule in (module_of_another_device, module_disabled)),
    *_api_rules(lambda evidence: evidence.investigation_failure),
    *((rule.__name__, rule) for rule in (module_unhealthy, query_syntax, tracking_off, no_data_in_timeframe)),
)
"""Ordered from the appliance to the investigation."""


def _records(evidence: Evidence) -> str:
    shown = ", ".join(f"device {one.id}, {one.status}" for one in evidence.records(evidence.region))
    return f"SSE of {evidence.region}: {shown or 'no record'}"
