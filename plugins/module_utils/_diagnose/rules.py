# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The rules of the diagnosis, each a code of the catalogue with what shows it.

A rule returns the evidence (what was read where) if it holds, or None. They are asked in the order of the catalogue, from
the appliance to the investigation, so that the finding nearest the cause wins.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.refusals import TRACKING_OFF
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Action, ApiFailure, Registration
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .evidence import Evidence

Rule = Callable[[Evidence], "str | None"]


class FailureOf(Protocol):
    """What went wrong with a call that was made for an appliance, if anything did."""

    def __call__(self, evidence: Evidence, /) -> ApiFailure | None: ...


TOO_MANY = 429


def managed_by_sma(told: Evidence) -> str | None:
    sma = told.wanted.managed_by_sma
    if sma:
        return f"inventory: esa_ctr_managed_by_sma is {sma}"
    return "inventory: esa_ctr_hosted is true" if told.wanted.hosted else None


def not_reachable(told: Evidence) -> str | None:
    return None if told.read.reachable else f"SSH: {told.problem}"


def too_old(told: Evidence) -> str | None:
    refused = told.read.failure is not None and told.read.failure.refused and told.service is None
    return f"version: {told.problem}" if refused else None


def not_readable(told: Evidence) -> str | None:
    return f"command line: {told.problem}" if told.service is None else None


def not_enabled(told: Evidence) -> str | None:
    return None if told.service is None or told.service.enabled else "cloudserviceconfig: disabled"


def not_committed(told: Evidence) -> str | None:
    if told.registration is not Registration.UNAVAILABLE:
        return None
    pending = " showchanges: uncommitted changes." if told.read.pending_changes else ""
    return f"cloudserviceconfig: enabled, and neither registered nor asking for a token.{pending}"


def wrong_region_server(told: Evidence) -> str | None:
    server = told.service.server if told.service else None
    wanted = REGIONS[told.region].appliance_server
    if server is None or server == wanted:
        return None
    return f"cloudserviceconfig: server {server}; inventory: {told.region}, which is {wanted}"


def busy_too_long(told: Evidence) -> str | None:
    return "cloudserviceconfig: busy, each time it was read" if told.registration is Registration.IN_PROGRESS else None


def _api_not_usable(told: Evidence, failure_of: FailureOf) -> str | None:
    failure = failure_of(told)
    return None if failure is None or failure.lacks_scope or failure.http_status == TOO_MANY else failure.message


def _quota_used_up(told: Evidence, failure_of: FailureOf) -> str | None:
    failure = failure_of(told)
    return f"{failure.path}: 429" if failure and failure.http_status == TOO_MANY else None


def _scope_missing(told: Evidence, failure_of: FailureOf) -> str | None:
    failure = failure_of(told)
    if failure is None or not failure.lacks_scope:
        return None
    said = [text for text in (failure.error_description, failure.fix) if text]
    return ". ".join([f"{failure.path}: 403 {failure.error or ''}".rstrip(), *said])


def _of_reading(failure_of: FailureOf) -> list[tuple[str, Rule]]:
    """What keeps one of the readings of a region from telling anything: the same findings at every stage of the way."""
    return [
        ("quota_used_up", partial(_quota_used_up, failure_of=failure_of)),
        ("scope_missing", partial(_scope_missing, failure_of=failure_of)),
        ("api_not_usable", partial(_api_not_usable, failure_of=failure_of)),
    ]


def same_host_name(told: Evidence) -> str | None:
    others = told.namesakes
    return f"version and prompt: {told.name} is also the host name of {', '.join(others)}" if others else None


def two_records(told: Evidence) -> str | None:
    return f"{_records(told)}" if len(told.records(told.region)) > 1 else None


def registered_elsewhere(told: Evidence) -> str | None:
    if told.registered_records(told.region) or not told.elsewhere:
        return None
    shown = ", ".join(f"{region} (device {one.id})" for region, one in told.elsewhere)
    return f"SSE of {told.region}: not registered; registered in {shown}"


def registered_only_in_sse(told: Evidence) -> str | None:
    if told.registration not in (Registration.UNREGISTERED, Registration.FAILED) or not told.registered_records(
        told.region
    ):
        return None
    shows = "asks for a token" if told.registration is Registration.UNREGISTERED else "the registration failed"
    return f"cloudserviceconfig: {shows}; {_records(told)}"


def token_refused(told: Evidence) -> str | None:
    if told.registration is not Registration.FAILED or not told.records(told.region):
        return None
    return f"cloudserviceconfig: the registration failed; {_records(told)}"


def registration_failed(told: Evidence) -> str | None:
    return (
        f"cloudserviceconfig: the registration failed; {_records(told)}"
        if told.registration is Registration.FAILED
        else None
    )


def token_not_used(told: Evidence) -> str | None:
    if told.registration is not Registration.UNREGISTERED or not told.records(told.region):
        return None
    return f"cloudserviceconfig: asks for a token; {_records(told)}"


def never_registered(told: Evidence) -> str | None:
    return (
        f"cloudserviceconfig: asks for a token; {_records(told)}"
        if told.registration is Registration.UNREGISTERED
        else None
    )


def absent_in_sse(told: Evidence) -> str | None:
    if told.registered_records(told.region):
        return None
    return f"cloudserviceconfig: registered; {_records(told)}"


def ctr_not_enabled_in_sse(told: Evidence) -> str | None:
    none_offered = [one for one in told.modules.types if one.devices_offered == 0 and one.product == told.product]
    if not none_offered:
        return None
    return f"module type {none_offered[0].title}: its field Registered Device offers none, and {_records(told)}"


def module_unclear(told: Evidence) -> str | None:
    if told.module is None:
        return "CTR: its module was not compared, because a run over the appliance would stop before"
    return f"CTR: {told.module.error}" if told.module.action is Action.FAILED else None


def module_missing(told: Evidence) -> str | None:
    if told.module is not None and told.module.found is not None:
        return None
    return f"CTR: no module {told.wanted.module_name!r}, and none of its device"


def module_of_another_device(told: Evidence) -> str | None:
    points_to = told.module.found.device_id if told.module and told.module.found else None
    own = [one.id for one in told.registered_records(told.region)]
    if points_to in own:
        return None
    reading = told.readings.state.devices.get(told.region)
    known = reading.book.by_id(points_to) if reading else None
    to = f"device {points_to}, {known.name}" if known else f"device {points_to}, which is gone"
    return f"CTR: module {told.module_id} points to {to}; the appliance is device {', '.join(own)}"


def module_disabled(told: Evidence) -> str | None:
    found = told.module.found if told.module else None
    return f"CTR: module {told.module_id} is disabled" if found and not found.enabled else None


def module_unhealthy(told: Evidence) -> str | None:
    words = "; ".join(f"{one.code}: {one.message}" for one in told.module_errors)
    if told.health == "error" or words:
        return f"CTR: module {told.module_id}: health {told.health}" + (f"; {words}" if words else "")
    return None


def query_syntax(told: Evidence) -> str | None:
    return f"query: {told.readings.query_problem}" if told.readings.query_problem else None


def tracking_off(told: Evidence) -> str | None:
    shown = told.tracking
    return f"{shown.path}: {shown.http_status} {shown.error}" if shown.refusal == TRACKING_OFF else None


def no_data_in_timeframe(told: Evidence) -> str | None:
    if not told.readings.query or told.sightings:
        return None
    found = told.module.found if told.module else None
    days = found.request_timeframe_days if found else None
    seen = (
        f"message tracking: {told.tracking.total} messages in {days} days"
        if told.tracking.total is not None
        else told.tracking_problem or "message tracking: not read"
    )
    return f"CTR: no sighting of {told.readings.query} in module {told.module_id} ({days} days); {seen}"


RULES: tuple[tuple[str, Rule], ...] = (
    *((rule.__name__, rule) for rule in (managed_by_sma, not_reachable, too_old, not_readable)),
    *(
        (rule.__name__, rule)
        for rule in (not_enabled, not_committed, wrong_region_server, busy_too_long, same_host_name)
    ),
    *_of_reading(lambda told: told.devices_failure),
    *((rule.__name__, rule) for rule in (two_records, registered_elsewhere, registered_only_in_sse)),
    *((rule.__name__, rule) for rule in (token_refused, registration_failed)),
    *((rule.__name__, rule) for rule in (token_not_used, never_registered, absent_in_sse)),
    *_of_reading(lambda told: told.modules_failure),
    *((rule.__name__, rule) for rule in (ctr_not_enabled_in_sse, module_unclear, module_missing)),
    *((rule.__name__, rule) for rule in (module_of_another_device, module_disabled)),
    *_of_reading(lambda told: told.investigation_failure),
    *((rule.__name__, rule) for rule in (module_unhealthy, query_syntax, tracking_off, no_data_in_timeframe)),
)
"""In the order of the way from the appliance to the investigation."""


def _records(told: Evidence) -> str:
    shown = ", ".join(f"device {one.id}, {one.status}" for one in told.records(told.region))
    return f"SSE of {told.region}: {shown or 'no record'}"
