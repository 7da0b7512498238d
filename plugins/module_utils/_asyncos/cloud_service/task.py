# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Run one task of C(esa_cloud_service), and return a result without secrets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    AsyncOSError,
    Refusal,
    TokenRefused,
    Unreachable,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Change
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

from . import plan
from .apply import Outcome, Waiting, ensure
from .options import check_options, desired_state_of
from .state import CloudService


def run_task(connection: Any, host: str, options: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Bring one appliance into its desired state over ``connection``, and return the result of the task.

    Options are tagged strings since ansible-core 2.19; SSH and JSON need plain strings. Let the connection's error pass
    for an unreachable appliance; return every other error as a failed result.
    """
    options = {name: str(value) if isinstance(value, str) else value for name, value in options.items()}
    problem = check_options(options)
    if problem is None and not hasattr(connection, "converse"):
        problem = (
            f"the connection is {getattr(connection, 'transport', 'unknown')}, not emailsec.ctr.asyncos. "
            "Fix: set ansible_connection: emailsec.ctr.asyncos for the appliances."
        )
    if problem:
        return {"failed": True, "msg": f"{host}: {problem}"}
    token = options["registration_token"]
    secrets = Secrets(token)
    try:
        outcome = _predict_from_assumed_state(host, options) if check else None
        if outcome is None:
            outcome = _converse(connection, options, token, check)
    except AsyncOSError as error:
        return dict(secrets.mask_data({"failed": True, **_error_keys(error)}))
    return dict(secrets.mask_data(_result(outcome)))


def _converse(connection: Any, options: Mapping[str, Any], token: str | None, check: bool) -> Outcome:
    waiting = Waiting(timeout=options["wait_timeout"], interval=options["wait_interval"])

    async def conversation(session: Any) -> Outcome:
        outcome = await ensure(session, desired_state_of(options), token, waiting, check, _server_just_set(options))
        if isinstance(outcome.error, Unreachable):
            raise outcome.error
        return outcome

    outcome: Outcome = connection.converse(conversation)
    return outcome


def _server_just_set(options: Mapping[str, Any]) -> str | None:
    """Return the server that an earlier task of this run has set, for an appliance that does not show its server."""
    return (options["assumed_state"] or {}).get("server")


def _predict_from_assumed_state(host: str, options: Mapping[str, Any]) -> Outcome | None:
    """Return the prediction of check mode, starting from the state that an earlier task of this run predicted."""
    if not options["assumed_state"]:
        return None
    state = CloudService.from_result(options["assumed_state"])
    steps = plan.plan(host, state, desired_state_of(options))
    return Outcome(before=state, after=plan.predict(state, steps), steps=list(steps))


def _result(outcome: Outcome) -> dict[str, Any]:
    change = Change("cloud service", outcome.before.as_result(), outcome.after.as_result())
    result: dict[str, Any] = {
        "changed": change.changed or any(step.kind != plan.WAIT for step in outcome.steps),
        "diff": change.diff(),
        "cloud_service": change.after,
        "steps": [str(step) for step in outcome.steps],
        "actions": [{"kind": step.kind, "detail": step.detail} for step in outcome.steps],
        "pending_changes": outcome.pending_changes,
        "meanwhile": [outcome.meanwhile.value] if outcome.meanwhile else [],
    }
    warnings = list(_warnings(outcome))
    if warnings:
        result["warnings"] = warnings
    if outcome.error is not None:
        result.update(failed=True, **_error_keys(outcome.error))
    return result


def _warnings(outcome: Outcome) -> Iterator[str]:
    name = outcome.before.hostname
    if plan.server_unknown(outcome.before):
        yield (
            f"{name}: the cloud service is enabled, but the appliance does not show its server, so its region was not "
            "checked. Fix: check that SSE of the region lists the appliance."
        )
    if outcome.pending_changes:
        yield f"{name}: the appliance has another administrator's uncommitted changes. They are unchanged."


def _error_keys(error: AsyncOSError) -> dict[str, Any]:
    return {
        "msg": str(error),
        "problem": error.problem,
        "fix": error.fix,
        "remedy": error.fix,
        "screen": error.screen,
        "refused": isinstance(error, Refusal),
        "token_refused": isinstance(error, TokenRefused),
    }
