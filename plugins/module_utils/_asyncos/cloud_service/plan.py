# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The planner: state and desired -> steps. Pure; it talks to nobody.

The order of the steps is the vendor's procedure (grade A): enable and server need a commit, registration comes after
that commit, a registered appliance is deregistered before its server changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import Refusal

from . import state as cs
from .state import CloudService

ENABLED = "enabled"
REGISTERED = "registered"
UNREGISTERED = "unregistered"
DISABLED = "disabled"
DESIRED_STATES = (ENABLED, REGISTERED, UNREGISTERED, DISABLED)


@dataclass(frozen=True)
class DesiredState:
    """What the user wants. ``server`` None leaves the server as it is."""

    state: str
    server: str | None = None
    has_token: bool = False
    allow_reregistration: bool = False
    commit_comment: str = ""


@dataclass(frozen=True)
class Step:
    """One thing to do; ``detail`` is the server or the comment where the kind needs one, never a secret."""

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
    "the session finds uncommitted changes of someone else, which a commit of ours would commit as well.",
    "look at showchanges, commit or clear them by hand, then run again.",
)
CHANGES_UNKNOWN = (
    "the appliance does not show (command showchanges) whether there are uncommitted changes of someone else, which "
    "a commit of ours would commit as well.",
    "log in by hand as the same user, make sure that showchanges works, and report its output if it does.",
)
NOT_COMMITTED = (
    "the cloud service is enabled, but the appliance does not ask for a registration token.",
    "commit the pending change on the appliance (the enable was not committed), then run again.",
)
SMART_LICENSING = (
    "the menu of cloudserviceconfig offers AUTOREGISTER and no REGISTER: the appliance is registered through smart "
    "licensing, or is to be registered that way, and takes no registration token.",
    "register or deregister it through smart licensing, or turn that off on the appliance; then run again.",
)
"""Problem and fix of refusals that others show, too."""


def plan(host: str, state: CloudService, desired: DesiredState) -> tuple[Step, ...]:
    """The steps from ``state`` to ``desired``; empty where nothing is to be done.

    A busy appliance yields the single step C(wait): the plan is made anew when the service has settled.
    Raises Refusal where the desired cannot or must not be fulfilled; then nothing has been written.
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
    """The state after these steps, if all goes well."""
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


def server_unknown(state: CloudService) -> bool:
    """The service is enabled, but the appliance does not show on which server, so that it cannot be compared.

    It is set again before a registration. Of a registered appliance, SSE has to tell the region.
    """
    return state.enabled and state.server is None and state.registration != cs.IN_PROGRESS


def needs_server_list(steps: tuple[Step, ...]) -> bool:
    return any(step.kind in (ENABLE, SET_SERVER) for step in steps)


def check_offered(host: str, state: CloudService, steps: tuple[Step, ...]) -> None:
    """Raises Refusal where a step wants a server that the appliance's list does not have."""
    for step in steps:
        if step.kind in (ENABLE, SET_SERVER) and state.offered and step.detail not in state.offered:
            raise not_offered(host, step.detail, state.offered)


def check_nothing_to_commit(host: str, steps: tuple[Step, ...], pending: bool | None) -> None:
    """Raise Refusal where a commit would, or may, include uncommitted changes that are not ours (None: unknown)."""
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
    """Raise Refusal for an enabled service in a state in which it takes no registration token."""
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
                host, "the cloud service is disabled and no server is chosen.", "give the option region or server."
            )
        return (Step(ENABLE, desired.server), commit)
    if desired.server is None or state.server == desired.server:
        return ()
    if server_unknown(state) and (state.registration == cs.REGISTERED or desired.state == ENABLED):
        if state.offered and desired.server not in state.offered:
            # It would be set before the registration, and cannot be: no token is to be issued for it.
            raise not_offered(host, desired.server, state.offered)
        return ()
    # A commit of ours would commit what someone else has left.
    check_asks_for_token(host, state.registration)
    if state.registration != cs.REGISTERED:
        return (Step(SET_SERVER, desired.server), commit)
    if not desired.allow_reregistration:
        raise Refusal(
            host,
            f"the appliance is registered with {state.server}, not with {desired.server}; changing the server means "
            "registering anew.",
            "correct the region, or set allow_reregistration: true to deregister it first.",
        )
    return (Step(DEREGISTER), Step(SET_SERVER, desired.server), commit)


def _plan_registration(host: str, state: CloudService, desired: DesiredState) -> tuple[Step, ...]:
    if state.registration == cs.REGISTERED:
        return ()
    check_asks_for_token(host, state.registration)
    if not desired.has_token:
        raise Refusal(
            host,
            "the appliance is not registered, and no registration token was given.",
            "give the option registration_token; the module emailsec.ctr.sse_token issues one.",
        )
    return (Step(REGISTER),)
