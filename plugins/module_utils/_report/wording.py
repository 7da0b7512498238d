# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The sentence for each code of a fleet. Code decides by codes, never by these sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as asyncos_plan
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._drift.checks import Removal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    Action,
    CloudStep,
    CloudStepKind,
    FleetStep,
    Progress,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.reasons import Code, Reason
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message, shown
from ansible_collections.emailsec.ctr.plugins.module_utils._times import CLOCKS_DIFFER

from . import verdicts

MAX_NAMES = 10
MAX_HOSTS = 5

Texts = Mapping[str, Any]

STEPS: Mapping[CloudStepKind, str] = {
    CloudStepKind.MODULE_CREATED: "module created",
    CloudStepKind.MODULE_UPDATED: "module updated",
    CloudStepKind.MODULE_DELETED: "module deleted",
    CloudStepKind.RECORD_DELETED: "SSE record deleted",
    CloudStepKind.OLD_MODULE_DELETED: "CTR module of {region} deleted",
    CloudStepKind.OLD_RECORD_DELETED: "SSE record of {region} deleted",
}
SHORT_STEPS: Mapping[str | CloudStepKind, str] = {
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
MEANWHILE = {
    Meanwhile.REGISTERED: "the appliance was registered",
    Meanwhile.DEREGISTERED: "the appliance was deregistered",
    Meanwhile.SETTINGS_CHANGED: "the cloud service was enabled, disabled or set to another server",
    Meanwhile.TOKEN_REPLACED: "the registration token was replaced, so this run issued a new one",
    Meanwhile.RECORD_ADDED: "the SSE record was added",
    Meanwhile.RECORD_DELETED: "the SSE record was deleted",
    Meanwhile.MODULE_ADDED: "the CTR module was added",
    Meanwhile.MODULE_DELETED: "the CTR module was deleted",
}
MODULE_STATES = {Action.NONE: "no change", Action.MANUAL: "manual"}

SENTENCES: Mapping[Code, str | Callable[[Texts], str]] = {
    Code.APPLIANCE_UNREAD: lambda values: _with_fix(values["problem"], values["fix"]),
    Code.APPLIANCE_REFUSED: lambda values: _with_fix(values["problem"], values["fix"]),
    Code.BUSY: "the cloud service is busy with an earlier request, so its state is unknown; a run waits until the "
    "request is finished. Fix: rerun the report in a few minutes.",
    Code.STOPPED_EARLIER: "an earlier task of the play failed.",
    Code.OTHER_REGION: "the appliance is registered with {server}, but the inventory requires {wanted} ({region}). Fix: correct "
    "esa_ctr_region, or move the appliance: ansible-playbook -i INVENTORY emailsec.ctr.onboard --limit {host} "
    "-e esa_ctr_allow_region_change=true",
    Code.OTHERS_CHANGES_PENDING: lambda values: _with_fix(*asyncos_plan.CHANGES_PENDING),
    Code.OTHERS_CHANGES_UNKNOWN: lambda values: _with_fix(*asyncos_plan.CHANGES_UNKNOWN),
    Code.SAME_HOST_NAME: "{count} appliances of {region} have the host name {device}, so SSE cannot distinguish them. "
    "Fix: give each appliance a unique host name.",
    Code.NOT_COMMITTED: lambda values: _with_fix(*asyncos_plan.NOT_COMMITTED),
    Code.SMART_LICENSING: lambda values: _with_fix(*asyncos_plan.SMART_LICENSING),
    Code.NO_TOKEN: "no registration token was issued.",
    Code.TOKENS_FAILED: "{message}",
    Code.TOKEN_FAILED: "no registration token: {error}",
    Code.TOKEN_REFUSED: lambda values: _with_fix(values["problem"], values["fix"]),
    Code.CHANGED_MEANWHILE: lambda values: f"changed by another run meanwhile: {MEANWHILE[Meanwhile(values['what'])]}",
    Code.TOKEN_EXPIRED: "the registration token expired before it was used, so this run issued a new one",
    Code.TOKEN_UNUSED: "the registration token that this run issued was not used, because the appliance was already registered",
    Code.OTHER_RUN: lambda values: (
        f"{values['region']}: another run changed {_counted(values['count'], 'appliance')} while this run worked; the table shows "
        "what changed. Do not start two runs for the same appliances at the same time."
    ),
    Code.REGISTERED_IN_SSE_ONLY: "SSE shows a registered device {device} (id {id}), but the appliance is not registered. "
    "Fix: if the record is orphaned, remove it (emailsec.ctr.sse_device with allow_registered), then rerun.",
    Code.NOT_SHOWN_IN_TIME: "the appliance is registered, but the SSE of {region} did not show it as registered in time ({state}). "
    "Fix: {fix}",
    Code.NOT_SHOWN: "the appliance is registered, but the SSE of {label} does not show it as registered ({state}); a run waits for "
    "the record, and fails for this appliance if the wait times out. Fix: {fix}",
    Code.WAIT_FAILED: "{message}",
    Code.MODULE_FAILED: "CTR module {name!r}: {error}",
    Code.MODULES_UNREAD: "{message}",
    Code.MODULES_REFUSED: "{message}",
    Code.NO_MODULE_TYPE: "{message}",
    Code.REGION_FAILED: "the region {region} failed (see the error of the region)",
    Code.SHARED_FAILURE: "{region}: {message} ({count} appliances)",
    Code.REGION_UNREAD: "{message}",
    Code.REGION_REFUSED: "{message}",
    Code.RECORD_STILL_THERE: "deregistered, but its SSE record still exists: {problem}",
    Code.OLD_MODULE_STILL_THERE: "moved to {region}, but its CTR module in {old} still exists: {problem}",
    Code.OLD_RECORD_STILL_THERE: "moved to {region}, but its SSE record in {old} still exists: {problem}",
    Code.OLD_REGION_UNREAD: "moved to {region}, but its SSE record and CTR module in {old} still exist: {problem} "
    "Fix: when {old} is reachable, rerun with esa_ctr_allow_region_change; the run removes them.",
    Code.ALSO_IN_SSE: "also in the SSE of {region}: device {id}, {status}",
    Code.MANUAL_WORK: "{text}",
    Code.RECORD_MANUAL: 'In the SSE portal of {label}, Devices, remove "{device}" if it is listed.',
    Code.DEVICES_OF_OTHER_REGION_UNREAD: "{region}: its devices could not be read, so duplicate records of appliances are not "
    "detected there: {problem}",
    Code.TOKENS_LEFT_OVER: "{region}: {left} of {given} registration tokens from the portal were not used in this run.",
    Code.PRUNED: lambda values: (
        f"{values['region']}: {values['what']} {values['name']} ({values['id']}) "
        f"{'would be removed' if values['predicted'] else 'was removed'}."
    ),
    Code.PRUNED_MEANWHILE: "{region}: {what} {name} ({id}) was already removed by another run.",
    Code.PRUNE_FAILED: "{region}: {what} {name} ({id}) was not removed: {problem}",
    Code.PRUNE_NOT_DONE: "{region}: no {what} was removed: {problem}",
    Code.RECORD_LEFT: lambda values: (
        f"{values['region']}: SSE record {values['name']} ({values['id']}, {values['status']}) was not removed: {_why_kept(values)}"
    ),
    Code.NOT_SENT: lambda values: values["problem"] or "no test message was sent.",
    Code.NOT_TRACKED: lambda values: values["problem"] or "message tracking was not queried.",
    Code.MESSAGE_ID_UNUSABLE: "CTR cannot search for the Message-ID {message_id!r}. Fix: choose a message whose Message-ID has "
    "the form name@domain.",
    Code.CTR_NOT_ASKED: lambda values: values["problem"] or "CTR was not queried.",
    Code.NO_MODULE: "CTR has no module {name!r}. Fix: run emailsec.ctr.onboard to create it.",
    Code.MODULE_UNHEALTHY: lambda values: (
        f"the module {values['name']!r} does not work: {values['words'] or 'its health is error'}. "
        "Fix: run emailsec.ctr.diagnose to find the cause."
    ),
    Code.NO_SIGHTING: lambda values: (
        "message tracking found the message, but the module had no sighting of it in time"
        f"{': ' if values['words'] else ''}{values['words']}. {_clocks(values['ahead'])}Fix: rerun the verification later with "
        f"esa_ctr_verify_message_id {values['message_id']}; if there is still no sighting, run emailsec.ctr.diagnose."
    ),
    Code.STOPS_BEFORE: "not reached: the run stops earlier for this appliance",
    Code.LEFT_UNCHANGED: "a run does not change this",
    Code.NOT_READ: verdicts.NOT_READ,
    Code.NOT_REACHED: "not reached",
    Code.APPLIANCE_SKIPPED: "the appliance is skipped",
    Code.NO_DEVICES: "the devices could not be read",
    Code.NO_MODULES: "the modules could not be read",
    Code.API_FAILED: "{message}",
    Code.SERVICE_BUSY: "the cloud service is busy",
    Code.SERVER_SET_LATER: "the appliance does not show its server; a run sets it before the registration",
    Code.SERVER_IN_SSE: "the appliance does not show its server; the SSE of {region} has its record",
    Code.SERVER_NOWHERE: "neither the appliance nor SSE shows the server",
    Code.CHANGES_PENDING: "another administrator's uncommitted changes or those of another run; a run does not change them, and "
    "commits nothing until they are gone: wait for other runs, check showchanges, then commit or clear them",
    Code.CHANGES_UNKNOWN: "the command showchanges gives no result",
    Code.DUPLICATE_NAME: "a run does not register an appliance with a duplicate name, see the region",
    Code.TAKEN_OVER_BY_SSE: "SSE updates this from the appliance automatically, with a delay after an upgrade",
    Code.SSE_SILENT: "not reported by SSE",
    Code.API_SILENT: "not reported by the API",
    Code.REGIONS_UNREAD: lambda values: (
        f"{', '.join(values['regions'])} could not be read, so a record there is not detected"
    ),
    Code.REGISTERED_THERE_TOO: "also registered in {region} (device {id}); this may be another appliance with the same name, so "
    "a run does not remove it: check it in the SSE portal ({portal})",
    Code.LEFT_OVER_THERE: "leftover record in {region} (device {id}, {status}); with esa_ctr_allow_region_change: true, a run deletes it",
    Code.MODULE_PROBLEM: "{text}",
    Code.MODULES_OF_ONE_NAME: lambda values: (
        f"CTR has {values['count']} modules with the name {values['name']}: {', '.join(values['ids'])}; delete those that are not "
        "needed"
    ),
    Code.DEVICES_COUNTED: lambda values: _counted(values["count"], "device"),
    Code.MODULES_COUNTED: lambda values: _counted(values["count"], "module"),
    Code.LISTED: lambda values: _named(values["names"]),
    Code.NOT_PROVEN: lambda values: f"nothing is removed: {_unproven(values['hosts'])}",
    Code.DELETE_MANUALLY: lambda values: (
        (f"{values['count']} more: " if values["more"] else "")
        + ("check it" if values["count"] == 1 else "check them")
        + " in the portal, and manually delete what is not needed"
    ),
    Code.PRUNE_WOULD_DELETE: lambda values: (
        f"a run with esa_ctr_prune: true deletes {_counted(values['count'], values['what'])}"
    ),
    Code.SHARED_DEVICES: lambda values: (
        f"{_named(values['names'])}; a run does not remove them: in CTR, Modules, delete those that are not needed"
    ),
    Code.QUOTA_LOW: "the organisation's API quota for 60 minutes is nearly used up, and all its API clients share it: wait, or "
    "find the client that uses it",
}


def reason_text(reason: Reason) -> str:
    """Return the sentence for a reason, without the name of the appliance."""
    values = dict(reason.parameters)
    region = all_regions().get(str(values.get("region")))
    if region is not None:
        values |= {"label": region.label, "portal": region.portal_url}
    sentence = SENTENCES[reason.code]
    return shown(sentence.format(**values) if isinstance(sentence, str) else sentence(values))


def stop_text(row: Progress) -> str:
    """Return the error message of the task that fails for an appliance.

    A failure of a whole region names no host, because ansible-core 2.19 and later show identical errors only once.
    """
    why = reason_text(row.why) if row.why else ""
    return why if row.shared else f"{row.host}: {why}"


def reasons_text(reasons: Iterable[Reason]) -> str:
    """Return the sentences for the reasons of one check, as one text."""
    return "; ".join(map(reason_text, reasons))


def step_text(step: FleetStep | Removal) -> str:
    """Return a step in words, such as C(register with a registration token) or C(2 SSE records deleted)."""
    if isinstance(step, Removal):
        return f"{_counted(step.count, step.what)} deleted"
    if isinstance(step, CloudStep):
        return STEPS[step.kind].format(region=step.region)
    return str(step)


def steps_text(steps: Iterable[FleetStep | Removal]) -> list[str]:
    """Return each step in words."""
    return [step_text(step) for step in steps]


def short_steps(steps: Iterable[FleetStep]) -> str:
    """Return the steps in short words, such as C(enable, commit, register, add module)."""
    return ", ".join(dict.fromkeys(SHORT_STEPS[step.kind] for step in steps))


def progress_row(row: Progress) -> dict[str, Any]:
    """Return the row of an appliance in the table at the end of a run."""
    done = steps_text(row.steps)
    why = reason_text(row.why) if row.why else ""
    return {
        "host": row.host,
        "region": row.region,
        "registration": row.registration,
        "module": MODULE_STATES.get(row.module, row.module.value) if row.module else None,
        "result": "failed" if row.stop else "changed" if done else "ok",
        "detail": "; ".join(([why] if why else []) + done + [reason_text(note) for note in row.notes]),
        "brief": why or short_steps(row.steps),
        "done": done,
        "reason": why,
    }


def _with_fix(problem: str, fix: str) -> str:
    return message(None, problem, fix) if fix else problem


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _clocks(ahead: int) -> str:
    """Return a sentence about clocks that delay a sighting, or nothing. ``ahead``: seconds."""
    if ahead < CLOCKS_DIFFER.total_seconds():
        return ""
    return f"The clock of the appliance is {_counted(round(ahead / 60), 'minute')} ahead of that of CTR, which can delay the sighting. "


def _named(names: tuple[str, ...], most: int = MAX_NAMES) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _unproven(hosts: tuple[str, ...]) -> str:
    return (
        f"{_named(hosts, MAX_HOSTS)} {'was' if len(hosts) == 1 else 'were'} neither read in this run nor found by name among the registered "
        f"devices of SSE, so a record may belong to {'it' if len(hosts) == 1 else 'them'} under another name"
    )


def _why_kept(values: Texts) -> str:
    if not values["removable"]:
        kind = "duplicate name" if values["duplicate"] else "orphaned record"
        return f"{kind}, but it may still be in use. Check it in the SSE portal."
    if values["unproven"]:
        return f"{_unproven(values['unproven'])}. Rerun without --limit, with all appliances reachable."
    return "the removal was not attempted."
