# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Every sentence about a fleet, by its code; nothing decides by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as asyncos_plan
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.checks import Removal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    CloudStep,
    CloudStepKind,
    FleetStep,
    Progress,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown

from . import verdicts

MOST_NAMED = 10
MOST_HOSTS = 5

Texts = Mapping[str, Any]

STEPS: Mapping[CloudStepKind, str] = {
    CloudStepKind.MODULE_CREATED: "module created",
    CloudStepKind.MODULE_UPDATED: "module updated",
    CloudStepKind.MODULE_DELETED: "module deleted",
    CloudStepKind.RECORD_DELETED: "SSE record deleted",
    CloudStepKind.OLD_MODULE_DELETED: "CTR module of {region} deleted",
    CloudStepKind.OLD_RECORD_DELETED: "SSE record of {region} deleted",
}
BRIEF_STEPS: Mapping[str | CloudStepKind, str] = {
    asyncos_plan.WAIT: "wait",
    asyncos_plan.ENABLE: "enable",
    asyncos_plan.SET_SERVER: "set server",
    asyncos_plan.COMMIT: "commit",
    asyncos_plan.REGISTER: "register",
    asyncos_plan.DEREGISTER: "deregister",
    asyncos_plan.DISABLE: "disable",
    CloudStepKind.MODULE_CREATED: "add module",
    CloudStepKind.MODULE_UPDATED: "update module",
    CloudStepKind.MODULE_DELETED: "remove module",
    CloudStepKind.RECORD_DELETED: "remove record",
    CloudStepKind.OLD_MODULE_DELETED: "remove old module",
    CloudStepKind.OLD_RECORD_DELETED: "remove old record",
}
MODULE_STATES = {Action.NONE: "no change", Action.MANUAL: "by hand"}

SENTENCES: Mapping[Code, str | Callable[[Texts], str]] = {
    Code.APPLIANCE_UNREAD: lambda told: _with_fix(told["problem"], told["fix"]),
    Code.APPLIANCE_REFUSED: lambda told: _with_fix(told["problem"], told["fix"]),
    Code.BUSY: "the cloud service is busy with an earlier request, so its state cannot be told; a run waits until it has "
    "settled, and goes on from what it then finds. Fix: make the report again in some minutes.",
    Code.STOPPED_EARLIER: "stopped by an earlier task of the play.",
    Code.OTHER_REGION: "the appliance is registered with {server}, and the inventory wants {wanted} ({region}). Fix: correct "
    "esa_ctr_region, or move it: ansible-playbook -i INVENTORY emailsec.ctr.onboard --limit {host} "
    "-e esa_ctr_allow_region_change=true",
    Code.OTHERS_CHANGES_PENDING: lambda told: _with_fix(*asyncos_plan.CHANGES_PENDING),
    Code.OTHERS_CHANGES_UNKNOWN: lambda told: _with_fix(*asyncos_plan.CHANGES_UNKNOWN),
    Code.SAME_HOST_NAME: "{count} appliances of {region} have the host name {device}, so SSE cannot tell them apart. "
    "Fix: give each a host name of its own.",
    Code.NOT_COMMITTED: lambda told: _with_fix(*asyncos_plan.NOT_COMMITTED),
    Code.SMART_LICENSING: lambda told: _with_fix(*asyncos_plan.SMART_LICENSING),
    Code.NO_TOKEN: "no registration token was issued.",
    Code.TOKENS_FAILED: "{message}",
    Code.TOKEN_FAILED: "no registration token: {error}",
    Code.REGISTERED_IN_SSE_ONLY: "SSE shows a registered device {device} (id {id}), but the appliance is not registered. "
    "Fix: if that record is a leftover, remove it (emailsec.ctr.sse_device with allow_registered), then run again.",
    Code.NOT_SHOWN_IN_TIME: "registered on the appliance, but not in the SSE of {region} in time ({state}). Fix: {fix}",
    Code.NOT_SHOWN: "registered on the appliance, but SSE of {label} does not show it so ({state}); a run waits for it, "
    "and stops for this appliance if it does not come. Fix: {fix}",
    Code.WAIT_FAILED: "{message}",
    Code.MODULE_FAILED: "CTR module {name!r}: {error}",
    Code.MODULES_UNREAD: "{message}",
    Code.MODULES_REFUSED: "{message}",
    Code.REGION_FAILED: "the region {region} failed (see the message of the region)",
    Code.SHARED_FAILURE: "{region}: {message} ({count} appliances)",
    Code.REGION_UNREAD: "{message}",
    Code.REGION_REFUSED: "{message}",
    Code.RECORD_STILL_THERE: "deregistered, but its SSE record is still there: {problem}",
    Code.OLD_MODULE_STILL_THERE: "moved to {region}, but its CTR module of {old} is still there: {problem}",
    Code.OLD_RECORD_STILL_THERE: "moved to {region}, but its SSE record of {old} is still there: {problem}",
    Code.OLD_REGION_UNREAD: "moved to {region}, but its SSE record and CTR module of {old} are still there: {problem} "
    "Fix: run again with esa_ctr_allow_region_change when {old} answers; that removes them.",
    Code.ALSO_IN_SSE: "also in the SSE of {region}: device {id}, {status}",
    Code.MANUAL_WORK: "{text}",
    Code.RECORD_MANUAL: 'Remove in the SSE portal of {label}, Devices: "{device}", if it is there.',
    Code.DEVICES_OF_OTHER_REGION_UNREAD: "{region}: its devices could not be read, so that one of the name of an appliance here "
    "may stand there, too: {problem}",
    Code.TOKENS_LEFT_OVER: "{region}: {left} of {given} registration tokens of the portal were not used in this run.",
    Code.PRUNED: lambda told: (
        f"{told['region']}: {told['what']} {told['name']} ({told['id']}) "
        f"{'would be removed' if told['predicted'] else 'was removed'}."
    ),
    Code.PRUNE_FAILED: "{region}: {what} {name} ({id}) is still there: {problem}",
    Code.PRUNE_NOT_DONE: "{region}: no {what} was removed: {problem}",
    Code.RECORD_LEFT: lambda told: (
        f"{told['region']}: SSE record {told['name']} ({told['id']}, {told['status']}) was left: {_why_left(told)}"
    ),
    Code.NOT_SENT: lambda told: told["problem"] or "no test message was sent.",
    Code.NOT_TRACKED: lambda told: told["problem"] or "message tracking was not asked.",
    Code.MESSAGE_ID_UNUSABLE: "CTR cannot be asked for the Message-ID {message_id!r}. Fix: follow a message whose Message-ID is "
    "of the form name@domain.",
    Code.CTR_NOT_ASKED: lambda told: told["problem"] or "CTR was not asked.",
    Code.NO_MODULE: "CTR has no module {name!r}. Fix: add it with emailsec.ctr.onboard.",
    Code.MODULE_UNHEALTHY: lambda told: (
        f"the module {told['name']!r} does not work: {told['words'] or 'its health is error'}. "
        "Fix: emailsec.ctr.diagnose says why."
    ),
    Code.NO_SIGHTING: lambda told: (
        f"the message is tracked, and the module has no sighting of it in time{': ' if told['words'] else ''}{told['words']}. "
        f"Fix: follow it again later, with esa_ctr_verify_message_id {told['message_id']}; emailsec.ctr.diagnose says "
        "what else may be wrong."
    ),
    Code.STOPS_BEFORE: "a run stops for this appliance before it comes to this",
    Code.LEFT_UNCHANGED: "a run leaves this as it is",
    Code.NOT_READ: verdicts.NOT_READ,
    Code.NOT_REACHED: "not reached",
    Code.APPLIANCE_SKIPPED: "the appliance is skipped",
    Code.NO_DEVICES: "the devices could not be read",
    Code.NO_MODULES: "the modules could not be read",
    Code.API_FAILED: "{message}",
    Code.SERVICE_BUSY: "the cloud service is busy",
    Code.SERVER_SET_LATER: "the appliance does not show on which it is; a run sets it before it registers",
    Code.SERVER_IN_SSE: "the appliance does not show it; {region} has it in SSE",
    Code.SERVER_NOWHERE: "the appliance does not show it, and neither does SSE",
    Code.CHANGES_PENDING: "uncommitted changes of someone else; a run leaves them, and commits nothing while they are there: "
    "look at showchanges, commit or clear them by hand",
    Code.CHANGES_UNKNOWN: "the appliance does not say (command showchanges)",
    Code.DUPLICATE_NAME: "a run registers nothing under a name that stands twice, see the region",
    Code.TAKEN_OVER_BY_SSE: "SSE takes it over from the appliance by itself, after an upgrade with some delay",
    Code.SSE_SILENT: "SSE does not say",
    Code.API_SILENT: "the API does not say",
    Code.REGIONS_UNREAD: lambda told: (
        f"{', '.join(told['regions'])} could not be read, so a record there would not be seen"
    ),
    Code.REGISTERED_THERE_TOO: "registered in {region} too (device {id}), so it may belong to another appliance of the name, "
    "and a run leaves it: look at it in the SSE portal ({portal})",
    Code.LEFT_OVER_THERE: "left over in {region} (device {id}, {status}); esa_ctr_allow_region_change: true lets a run delete it",
    Code.MODULE_PROBLEM: "{text}",
    Code.MODULES_OF_ONE_NAME: lambda told: (
        f"CTR has {told['count']} modules of the name {told['name']}: {', '.join(told['ids'])}; delete the one that is not "
        "wanted"
    ),
    Code.DEVICES_COUNTED: lambda told: _counted(told["count"], "device"),
    Code.MODULES_COUNTED: lambda told: _counted(told["count"], "module"),
    Code.LISTED: lambda told: _named(told["names"]),
    Code.NOT_PROVEN: lambda told: f"nothing is removed while {_unproven(told['hosts'])}",
    Code.DELETE_MANUALLY: lambda told: (
        (f"{told['count']} more: " if told["more"] else "")
        + f"look at {'it' if told['count'] == 1 else 'them'} in the portal, and delete by hand what is not wanted"
    ),
    Code.PRUNE_WOULD_DELETE: lambda told: (
        f"a run with esa_ctr_prune: true deletes {_counted(told['count'], told['what'])}"
    ),
    Code.SHARED_DEVICES: lambda told: (
        f"{_named(told['names'])}; a run leaves them: delete those that are not wanted in CTR, Modules"
    ),
    Code.QUOTA_LOW: "the organisation's quota of 60 minutes is nearly used up, and all its API clients share it: wait, or look "
    "for the client that uses it up",
}


def reason_text(reason: Reason) -> str:
    """The sentence of a reason, without the name of the appliance that it is about."""
    told = dict(reason.parameters)
    region = REGIONS.get(str(told.get("region")))
    if region is not None:
        told |= {"label": region.label, "portal": region.portal_url}
    sentence = SENTENCES[reason.code]
    return shown(sentence.format(**told) if isinstance(sentence, str) else sentence(told))


def stop_text(row: Progress) -> str:
    """The message of the task that fails for an appliance.

    A shared one names no host: ansible-core shows the host, and from 2.19 on shows an error of the same words once.
    """
    why = reason_text(row.why) if row.why else ""
    return why if row.shared else f"{row.host}: {why}"


def reasons_text(reasons: Iterable[Reason]) -> str:
    """Several reasons of one check."""
    return "; ".join(map(reason_text, reasons))


def step_text(step: FleetStep | Removal) -> str:
    """Such as C(register with a registration token), or C(2 SSE records deleted)."""
    if isinstance(step, Removal):
        return f"{_counted(step.count, step.what)} deleted"
    if isinstance(step, CloudStep):
        return STEPS[step.kind].format(region=step.region)
    return str(step)


def steps_text(steps: Iterable[FleetStep | Removal]) -> list[str]:
    return [step_text(step) for step in steps]


def brief_steps(steps: Iterable[FleetStep]) -> str:
    """Such as C(enable, commit, register, add module)."""
    return ", ".join(dict.fromkeys(BRIEF_STEPS[step.kind] for step in steps))


def progress_row(row: Progress) -> dict[str, Any]:
    """One line of the table at the end of a run."""
    done = steps_text(row.steps)
    why = reason_text(row.why) if row.why else ""
    return {
        "host": row.host,
        "region": row.region,
        "registration": row.registration,
        "module": MODULE_STATES.get(row.module, row.module.value) if row.module else None,
        "result": "failed" if row.stop else "changed" if done else "ok",
        "detail": "; ".join(([why] if why else []) + done + [reason_text(note) for note in row.notes]),
        "brief": why or brief_steps(row.steps),
        "done": done,
        "reason": why,
    }


def _with_fix(problem: str, fix: str) -> str:
    return f"{problem} Fix: {fix}" if fix else problem


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _named(names: tuple[str, ...], most: int = MOST_NAMED) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _unproven(hosts: tuple[str, ...]) -> str:
    return (
        f"{_named(hosts, MOST_HOSTS)} of the inventory {'was' if len(hosts) == 1 else 'were'} neither read in this run nor "
        "found registered in SSE by name, so a record may be theirs under another name"
    )


def _why_left(told: Texts) -> str:
    if not told["removable"]:
        claimed = "its name stands twice" if told["duplicate"] else "no appliance claims it"
        return f"{claimed}, but it is not certain that it is a leftover. Look at it in the SSE portal."
    if told["unproven"]:
        return f"{_unproven(told['unproven'])}. Run without --limit, with all appliances reachable."
    return "not tried."
