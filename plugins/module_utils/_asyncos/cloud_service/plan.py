# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Plan the steps from the current to the desired state, without contacting an appliance.

The order of the steps is the vendor's procedure (grade A): enabling and a new server need a commit, registration comes
after that commit, and a registered appliance is deregistered before its server changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import Refusal
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE

from . import state as cs
from .state import CloudService

ENABLED = "enabled"
REGISTERED = "registered"
UNREGISTERED = "unregistered"
DISABLED = "disabled"
DESIRED_STATES = (ENABLED, REGISTERED, UNREGISTERED, DISABLED)


@dataclass(frozen=True)
class DesiredState:
    """Desired state of an appliance. ``server`` None keeps the current server."""

    state: str
    server: str | None = None
    has_token: bool = False
    allow_reregistration: bool = False
    commit_comment: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a plan. ``detail`` is a server, a commit comment or empty; never a secret."""

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(self.detail)


WAIT, ENABLE, SET_SERVER, COMMIT, REGISTER, DEREGISTER, DISABLE = (
    "wait",
    "enable",
    "set_server",
    "commit",
    "register",
    "deregister",
    "disable",
)
_SENTENCES = {
    WAIT: "wait until the cloud service is no longer busy",
    ENABLE: "enable the cloud service on {0}",
    SET_SERVER: "set the server to {0}",
    COMMIT: "commit ({0})",
    REGISTER: "register with a registration token",
    DEREGISTER: "deregister",
    DISABLE: "disable the cloud service",
}


CHANGES_PENDING = (
    "the appliance has another administrator's uncommitted changes or those of another run, which this run would commit too.",
    "wait for the end of other runs on this appliance or its cluster. If changes are left, check showchanges, commit or clear "
    f"the changes, then rerun. If it says in other words that there are none, {RUN_PROBE}.",
)
CHANGES_UNKNOWN = (
    "the command showchanges does not show whether the appliance has another administrator's uncommitted changes, which "
    "this run would commit too.",
    f"log in as the same user and run showchanges; if it works, {RUN_PROBE}.",
)
NOT_COMMITTED = (
    "the cloud service is enabled, but the appliance does not ask for a registration token.",
    "commit the pending change on the appliance (enabling was not committed), then rerun.",
)
SMART_LICENSING = (
    "the menu of cloudserviceconfig offers AUTOREGISTER but not REGISTER: the appliance registers through smart "
    "licensing and accepts no registration token.",
    "register or deregister it through smart licensing, or disable smart licensing on the appliance, then rerun.",
)
"""Problem and fix of refusals that other modules show too."""


def plan(host: str, state: CloudService, desired: DesiredState) -> tuple[Step, ...]:
    """Return the steps from ``state`` to ``desired``; empty if the appliance is in the desired state.

    Return the single step C(wait) for a busy appliance; plan again when it is no longer busy.
    Raise Refusal if the desired state cannot or must not be reached.
    """
    if desired.state not in DESIRED_STATES:
        raise ValueError(f"no such state: {desired.state!r}")
    if state.registration == cs.IN_PROGRESS:
        return (Step(WAIT),)
    if desired.state == DISABLED:
        return _plan_disabled(state, desired)
    if desired.state == UNREGISTERED:
        if state.registration == cs.SMART_LICENSING:
            check_asks_for_token(host, state.registration)
        return (Step(DEREGISTER),) if state.registration == cs.REGISTERED else ()
    steps = _plan_enabled(host, state, desired)
    if desired.state == REGISTERED:
        steps += _plan_registration(host, predict(state, steps), desired)
    return steps


def predict(state: CloudService, steps: tuple[Step, ...]) -> CloudService:
    """Return the state after these steps, if all succeed."""
    for step in steps:
        if step.kind == ENABLE:
            state = replace(state, enabled=True, server=step.detail, registration=cs.UNREGISTERED)
        elif step.kind == SET_SERVER:
            state = replace(state, server=step.detail)
        elif step.kind == REGISTER:
            state = replace(state, registration=cs.REGISTERED)
        elif step.kind == DEREGISTER:
            state = replace(state, registration=cs.UNREGISTERED)
        elif step.kind == DISABLE:
            state = replace(state, enabled=False, server=None, registration=cs.UNAVAILABLE)
    return state


def difference(expected: CloudService, found: CloudService) -> Meanwhile | None:
    """Return how a state differs from the expected one because another run or administrator changed the appliance, or None.

    A busy appliance, and a server that is not shown, are no evidence.
    """
    if cs.IN_PROGRESS in (expected.registration, found.registration):
        return None
    registered = found.registration == cs.REGISTERED
    if registered != (expected.registration == cs.REGISTERED):
        return Meanwhile.REGISTERED if registered else Meanwhile.DEREGISTERED
    servers = {expected.server, found.server} - {None}
    if expected.enabled != found.enabled or len(servers) > 1:
        return Meanwhile.SETTINGS_CHANGED
    return None


def server_unknown(state: CloudService) -> bool:
    """Return whether the service is enabled but the appliance does not show its server, so it cannot be compared.

    The server is set again before a registration. For a registered appliance, only SSE shows the region.
    """
    return state.enabled and state.server is None and state.registration != cs.IN_PROGRESS


def needs_server_list(steps: tuple[Step, ...]) -> bool:
    return any(step.kind in (ENABLE, SET_SERVER) for step in steps)


def check_offered(host: str, state: CloudService, steps: tuple[Step, ...]) -> None:
    """Raise Refusal if a step needs a server that the appliance does not offer."""
    for step in steps:
        if step.kind in (ENABLE, SET_SERVER) and state.offered and step.detail not in state.offered:
            raise not_offered(host, step.detail, state.offered)


def check_nothing_to_commit(host: str, steps: tuple[Step, ...], pending: bool | None) -> None:
    """Raise Refusal if a commit would or may (None: unknown) include another administrator's uncommitted changes."""
    if pending is False or not any(step.kind == COMMIT for step in steps):
        return
    if pending is None:
        raise Refusal(host, *CHANGES_UNKNOWN)
    raise Refusal(host, *CHANGES_PENDING)


def not_offered(host: str, server: str, offered: tuple[str, ...]) -> Refusal:
    return Refusal(
        host,
        f"the appliance does not offer the server {server}; it offers {', '.join(offered)}.",
        "choose another region or server, or upgrade AsyncOS (APJC came after 13.5).",
    )


def check_asks_for_token(host: str, registration: str) -> None:
    """Raise Refusal if the enabled service accepts no registration token in this state."""
    if registration == cs.SMART_LICENSING:
        raise Refusal(host, *SMART_LICENSING)
    if registration == cs.UNAVAILABLE:
        raise Refusal(host, *NOT_COMMITTED)


def _plan_disabled(state: CloudService, desired: DesiredState) -> tuple[Step, ...]:
    if not state.enabled:
        return ()
    first = (Step(DEREGISTER),) if state.registration == cs.REGISTERED else ()
    return (*first, Step(DISABLE), Step(COMMIT, desired.commit_comment))


def _plan_enabled(host: str, state: CloudService, desired: DesiredState) -> tuple[Step, ...]:
    commit = Step(COMMIT, desired.commit_comment)
    if not state.enabled:
        if desired.server is None:
            raise Refusal(
                host, "the cloud service is disabled and no server is set.", "set the option region or server."
            )
        return (Step(ENABLE, desired.server), commit)
    if desired.server is None or state.server == desired.server:
        return ()
    if server_unknown(state) and (state.registration == cs.REGISTERED or desired.state == ENABLED):
        if state.offered and desired.server not in state.offered:
            # The server cannot be set before the registration: refuse, so that no token is issued.
            raise not_offered(host, desired.server, state.offered)
        return ()
    # A pending enable of another administrator would be committed with the server.
    check_asks_for_token(host, state.registration)
    if state.registration != cs.REGISTERED:
        return (Step(SET_SERVER, desired.server), commit)
    if not desired.allow_reregistration:
        raise Refusal(
            host,
            f"the appliance is registered with {state.server}, not with {desired.server}; changing the server requires "
            "deregistering it first.",
            "correct the region, or set allow_reregistration: true.",
        )
    return (Step(DEREGISTER), Step(SET_SERVER, desired.server), commit)


def _plan_registration(host: str, state: CloudService, desired: DesiredState) -> tuple[Step, ...]:
    if state.registration == cs.REGISTERED:
        return ()
    check_asks_for_token(host, state.registration)
    if not desired.has_token:
        raise Refusal(
            host,
            "the appliance is not registered, and there is no registration token.",
            "set registration_token; the module emailsec.ctr.sse_token issues tokens.",
        )
    return (Step(REGISTER),)
