# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Convert results of the modules of this collection to data classes of a fleet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import Step
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.read_many import Failure
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device, device_from_facts

from .model import (
    Action,
    Answer,
    ApiFailure,
    ApplianceOutcome,
    FoundModule,
    FoundType,
    ModulesOutcome,
    Quota,
    RegionOutcome,
    SharedDevice,
    TokensOutcome,
    WaitOutcome,
)

Result = Mapping[str, Any]
T = TypeVar("T")


def by_region(registered: Result | None, read: Callable[[Result], T]) -> dict[str, T]:
    """Return, by region, the results of a task that looped over regions, converted by ``read``."""
    results = (registered or {}).get("results") or (registered or {}).get("regions") or []
    return {_region_of(result): read(result) for result in results if not result.get("skipped")}


def appliance_outcome(host: str, result: Result) -> ApplianceOutcome | None:
    """Return the outcome of C(esa_cloud_service), or None for a task that did not run."""
    if not result or result.get("skipped"):
        return None
    return ApplianceOutcome(
        before=_service((result.get("diff") or {}).get("before")),
        after=_service(result.get("cloud_service")),
        steps=tuple(Step(str(one["kind"]), str(one["detail"])) for one in result.get("actions") or []),
        pending_changes=result.get("pending_changes"),
        failure=_failure(host, result),
        meanwhile=tuple(map(Meanwhile, result.get("meanwhile") or ())),
    )


def tokens_outcome(result: Result) -> TokensOutcome:
    """Return the outcome of C(sse_token), or of one region of C(fleet_progress), without the tokens."""
    return TokensOutcome(
        answers=_answers(result.get("devices")),
        failure=api_failure(result),
        quota=_quota(result),
        given=int(result.get("given") or 0),
        left_over=int(result.get("left_over") or 0),
    )


def joined_by_region(
    issued: Mapping[str, TokensOutcome], handed_out: Mapping[str, TokensOutcome]
) -> dict[str, TokensOutcome]:
    """Return, by region, the outcomes of issued tokens and of tokens from the portal together."""
    return {region: _joined(issued.get(region), handed_out.get(region)) for region in {**issued, **handed_out}}


def _joined(issued: TokensOutcome | None, handed_out: TokensOutcome | None) -> TokensOutcome:
    if issued is None or handed_out is None:
        return issued or handed_out or TokensOutcome()
    return replace(
        issued,
        answers=(*issued.answers, *handed_out.answers),
        given=handed_out.given,
        left_over=handed_out.left_over,
    )


def wait_outcome(result: Result) -> WaitOutcome:
    """Return the outcome of C(sse_device_facts) with a wait. After a time-out it still has the devices that SSE shows."""
    missing = result.get("missing")
    return WaitOutcome(
        failure=api_failure(result),
        quota=_quota(result),
        missing=None if missing is None else {str(name): str(state) for name, state in missing.items()},
        devices=_devices(result),
    )


def records_outcome(result: Result) -> RegionOutcome:
    """Return the outcome of C(sse_device)."""
    return RegionOutcome(_answers(result.get("devices")), api_failure(result), _quota(result))


def modules_outcome(result: Result) -> ModulesOutcome:
    """Return the outcome of C(ctr_module)."""
    return ModulesOutcome(
        answers=_answers(result.get("modules")),
        failure=api_failure(result),
        quota=_quota(result),
        instances=_modules(result.get("instances")),
        orphans=_modules(result.get("orphans")),
        shared=tuple(
            SharedDevice(one["device_id"], one["device_name"], tuple(str(module["name"]) for module in one["modules"]))
            for one in result.get("duplicates") or []
        ),
        types=tuple(
            FoundType(str(one["product"]), str(one["title"]), one.get("devices_offered"))
            for one in result.get("module_types") or []
        ),
    )


def api_failure(result: Result) -> ApiFailure | None:
    """Return the failure of a region, or None. The modules return C(msg) only if they fail."""
    if not result.get("msg"):
        return None
    return ApiFailure(
        message=str(result["msg"]),
        path=_text(result.get("path")),
        http_status=result.get("http_status"),
        error=_text(result.get("error")),
        error_description=_text(result.get("error_description")),
        fix=_text(result.get("fix")),
        missing_scopes=bool(result.get("missing_scopes")),
    )


def _region_of(result: Result) -> str:
    item = result.get("item")
    return str(item["region"] if isinstance(item, Mapping) else item)


def _service(found: Result | None) -> CloudService | None:
    return CloudService.from_result(found) if found else None


def _failure(host: str, result: Result) -> Failure | None:
    if not (result.get("failed") or result.get("unreachable")):
        return None
    if result.get("problem"):
        return Failure(
            str(result["problem"]),
            str(result.get("fix") or ""),
            bool(result.get("refused")),
            token_refused=bool(result.get("token_refused")),
        )
    # Ansible itself ended the task. Its message may begin with the host.
    message = str(result.get("msg", "")).removeprefix("Task failed: ")
    return Failure(re.sub(rf"^{re.escape(host)}( \([^)]*\))?: ", "", message))


def _answers(rows: Iterable[Result] | None) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            name=_text(row.get("name")),
            id=_text(row.get("id")),
            action=Action(row["action"]),
            error=_text(row.get("error")),
            device_id=_text(row.get("device_id")),
            manual=_text(row.get("by_hand")),
            found=_module(row["found"]) if row.get("found") else None,
            meanwhile=Meanwhile(row["meanwhile"]) if row.get("meanwhile") else None,
        )
        for row in rows or ()
    )


def _modules(rows: Iterable[Result] | None) -> tuple[FoundModule, ...] | None:
    return None if rows is None else tuple(map(_module, rows))


def _module(row: Result) -> FoundModule:
    return FoundModule(
        name=str(row["name"]),
        device_id=_text(row.get("device_id")),
        request_timeframe_days=row.get("request_timeframe_days"),
        enabled=bool(row.get("enabled", True)),
        id=_text(row.get("id")),
        product=_text(row.get("product")),
    )


def _devices(result: Result) -> tuple[Device, ...]:
    shown = (result.get("ansible_facts") or {}).get("sse_devices") or ()
    return tuple(device_from_facts(dict(one)) for one in shown)


def _quota(result: Result) -> Quota:
    quota = result.get("quota") or {}
    return Quota(quota.get("limit"), quota.get("remaining"), _text(quota.get("said_at")))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
