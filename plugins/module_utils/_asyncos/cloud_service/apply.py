# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Apply the planned steps in order, and read the state back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli import menu, screens
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.cluster import enter_machine_mode
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.commit import abandon, commit
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.pending import find_pending_changes
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.session import Screen, Session
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import (
    AsyncOSError,
    CommandRefused,
    NotConfirmed,
    NotOffered,
    TokenRefused,
    UnexpectedScreen,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._change import Meanwhile

from . import plan
from . import state as cs
from .plan import DesiredState, Step
from .state import CloudService, enter, read_cloud_service, with_offered_servers

REGISTER_TIMEOUT = 150.0
"""Seconds; REGISTER works for up to 120 s before it shows the prompt (grade B)."""


SETTINGS = (plan.ENABLE, plan.SET_SERVER, plan.DISABLE)
"""Steps that are pending until they are committed."""


@dataclass
class Outcome:
    """State before and after, and the steps taken (planned, in check mode). ``error`` is the error that stopped it, if any.

    ``meanwhile`` is what another session changed between the reading and a step.
    """

    before: CloudService
    after: CloudService
    steps: list[Step] = field(default_factory=list)
    pending_changes: bool | None = None
    error: AsyncOSError | None = None
    meanwhile: Meanwhile | None = None


@dataclass(frozen=True)
class Waiting:
    """Time-out and polling interval, in seconds, while the service is busy."""

    timeout: float
    interval: float


async def read_state(session: Session) -> Outcome:
    """Read the state and any uncommitted changes of another administrator. Change nothing."""
    await enter_machine_mode(session)
    pending = await find_pending_changes(session)
    state = await read_cloud_service(session)
    return Outcome(before=state, after=state, pending_changes=pending)


async def ensure(
    session: Session, desired: DesiredState, token: str | None, waiting: Waiting, check: bool, server: str | None = None
) -> Outcome:
    """Read the state, plan, apply, and read back. Raise errors before the state is read; return later ones in the outcome.

    ``server`` is the server in use, for an appliance that does not show it. If the appliance refuses a step because another
    session changed it after the reading, start again from its new state, once.
    """
    outcome = await _ensure(session, desired, token, waiting, check, server)
    if not check and isinstance(outcome.error, (CommandRefused, NotOffered)):
        outcome.meanwhile = await _changed_meanwhile(session, outcome, waiting)
        if outcome.meanwhile is not None:
            again = await _ensure(session, desired, token, waiting, check, server)
            again.before, again.steps = outcome.before, [*outcome.steps, *again.steps]
            again.meanwhile = outcome.meanwhile
            return again
    return outcome


async def _ensure(
    session: Session, desired: DesiredState, token: str | None, waiting: Waiting, check: bool, server: str | None
) -> Outcome:
    session.secrets.add(token)
    outcome = await read_state(session)
    state, pending = outcome.before, outcome.pending_changes
    if state.registration == cs.IN_PROGRESS:
        state = await _wait_until(session, state, waiting, lambda now: now.registration != cs.IN_PROGRESS)
        outcome.before = outcome.after = state
    if server and plan.server_unknown(state):
        outcome.before = outcome.after = state = replace(state, server=str(server))
    try:
        steps = plan.plan(session.host, state, desired)
        if plan.needs_server_list(steps):
            outcome.before = outcome.after = state = await with_offered_servers(session, state)
            plan.check_offered(session.host, state, steps)
        plan.check_nothing_to_commit(session.host, steps, pending)
        if steps == (Step(plan.WAIT),) and not check:
            raise NotConfirmed(
                session.host,
                f"the cloud service is still busy after {waiting.timeout:g} s.",
                "rerun later, or raise wait_timeout.",
            )
    except AsyncOSError as error:
        outcome.error = error
        return outcome
    outcome.steps, outcome.after = list(steps), plan.predict(state, steps)
    if not check:
        await _apply(session, outcome, token, waiting)
    return outcome


async def _apply(session: Session, outcome: Outcome, token: str | None, waiting: Waiting) -> None:
    planned, outcome.steps = outcome.steps, []
    outcome.after = outcome.before
    pending = False
    try:
        for step in planned:
            pending = pending or step.kind in SETTINGS
            await _apply_step(session, step, outcome.before, token)
            outcome.steps.append(step)
            if step.kind == plan.COMMIT:
                pending = False
            if step.kind in (plan.COMMIT, plan.DEREGISTER, plan.REGISTER):
                await _confirm(session, outcome, waiting)
    except AsyncOSError as error:
        if pending:
            await abandon(session)
            while outcome.steps and outcome.steps[-1].kind in SETTINGS:
                outcome.steps.pop()
        outcome.error = error


async def _changed_meanwhile(session: Session, outcome: Outcome, waiting: Waiting) -> Meanwhile | None:
    """Return how the appliance differs from the state that the steps taken left, or None. An unreadable state is no evidence."""
    expected = plan.predict(outcome.before, tuple(outcome.steps))
    try:
        found = await _wait_until(session, expected, waiting, lambda now: now.registration != cs.IN_PROGRESS)
    except AsyncOSError:
        return None
    return plan.difference(expected, found)


async def _confirm(session: Session, outcome: Outcome, waiting: Waiting) -> None:
    """Wait until the appliance shows the expected state after the steps taken. Raise NotConfirmed on time-out."""
    expected = plan.predict(outcome.before, tuple(outcome.steps))
    outcome.after = await _wait_until(session, outcome.after, waiting, _matches(expected))
    if plan.server_unknown(outcome.after):
        outcome.after = replace(outcome.after, server=expected.server)
    if not _matches(expected)(outcome.after):
        found = outcome.after
        raise NotConfirmed(
            session.host,
            f"the step {str(outcome.steps[-1])!r} was not confirmed within {waiting.timeout:g} s: the appliance shows server "
            f"{found.server or 'none'} and registration {found.registration}, expected were {expected.server or 'none'} "
            f"and {expected.registration}.",
            "rerun later, or raise wait_timeout; a rerun continues from the current state.",
        )


def _matches(expected: CloudService) -> Callable[[CloudService], bool]:
    def matches(state: CloudService) -> bool:
        servers_fit = state.server == expected.server or plan.server_unknown(state) or plan.server_unknown(expected)
        return servers_fit and (state.enabled, state.registration) == (expected.enabled, expected.registration)

    return matches


async def _wait_until(
    session: Session, state: CloudService, waiting: Waiting, done: Callable[[CloudService], bool]
) -> CloudService:
    """Read the state repeatedly until ``done(state)`` or the time-out, and return the last state."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + waiting.timeout
    while True:
        state = await read_cloud_service(session, state.identity)
        if done(state) or state.registration == cs.FAILED or loop.time() + waiting.interval > deadline:
            return state
        await asyncio.sleep(waiting.interval)


async def _apply_step(session: Session, step: Step, state: CloudService, token: str | None) -> None:
    if step.kind == plan.ENABLE:
        await _enable(session, state, step.detail)
    elif step.kind == plan.SET_SERVER:
        await _choose_server(session, state, "SETTRS", step.detail)
    elif step.kind == plan.COMMIT:
        await commit(session, step.detail, nothing_is_fine=plan.server_unknown(state))
    elif step.kind == plan.REGISTER:
        await _register(session, token or "")
    elif step.kind == plan.DEREGISTER:
        await _deregister(session)
    elif step.kind == plan.DISABLE:
        await _disable(session, state)
    else:
        raise ValueError(f"no such step: {step.kind!r}")


async def _enable(session: Session, state: CloudService, server: str) -> None:
    if not state.own_switch:
        await _choose_server(session, state, "ENABLE", server)
        return
    await _switch(session, cs.SWITCH_COMMAND, "ENABLE")
    await _choose_server(session, state, "SETTRS", server)


async def _choose_server(session: Session, state: CloudService, keyword: str, server: str) -> None:
    """Choose the server by its number, after two readings have shown the same list."""
    offered = (await with_offered_servers(session, state)).offered
    question, entered = await _start_operation(session, cs.COMMAND, keyword)
    if not menu.asks_for_server(question) or tuple(line.fqdn for line in menu.servers(question)) != offered:
        raise session.unexpected(question, f"{keyword}: choose the server")
    for line in menu.servers(question):
        if line.fqdn == server:
            answer = await session.send(line.number)
            _check_accepted(session, answer, f"{keyword}: choose the server {server}")
            await menu.leave(session, answer, cs.COMMAND, entered)
            return
    raise plan.not_offered(session.host, server, tuple(line.fqdn for line in menu.servers(question)))


async def _register(session: Session, token: str) -> None:
    question, entered = await _start_operation(session, cs.COMMAND, "REGISTER")
    if not menu.asks(question, screens.TOKEN_QUESTION, menu.NO_DEFAULT):
        raise session.unexpected(question, "REGISTER: enter the token")
    answer = await session.send(token, timeout=REGISTER_TIMEOUT)
    if answer.shows(screens.REGISTRATION_FAILED):
        raise session.refused(
            answer,
            "the registration failed because the registration token is invalid or expired.",
            "issue a new token in SSE for the region of the appliance's server, with a long enough lifetime.",
            TokenRefused,
        )
    _check_accepted(session, answer, "REGISTER: enter the token")
    await menu.leave(session, answer, cs.COMMAND, entered)


async def _deregister(session: Session) -> None:
    question, entered = await _start_operation(session, cs.COMMAND, "DEREGISTER")
    if not menu.asks(question, screens.DEREGISTER_QUESTION, menu.NO):
        raise session.unexpected(question, "DEREGISTER: confirm")
    answer = await session.send("Y", timeout=REGISTER_TIMEOUT)
    _check_accepted(session, answer, "DEREGISTER: confirm")
    await menu.leave(session, answer, cs.COMMAND, entered)


async def _disable(session: Session, state: CloudService) -> None:
    await _switch(session, cs.SWITCH_COMMAND if state.own_switch else cs.COMMAND, "DISABLE")


async def _switch(session: Session, command: str, keyword: str) -> None:
    """Run ENABLE or DISABLE without a server. Answer a confirmation explicitly, without relying on its default."""
    screen, entered = await _start_operation(session, command, keyword)
    asked = screens.SWITCH_QUESTION.search(menu.question(screen))
    if asked and asked["switch"].upper() == keyword and menu.asks(screen, screens.SWITCH_QUESTION, menu.YES_OR_NO):
        screen = await session.send("Y")
    _check_accepted(session, screen, keyword)
    await menu.leave(session, screen, command, entered)


async def _start_operation(session: Session, command: str, keyword: str) -> tuple[Screen, frozenset[str]]:
    """Choose an operation, and return its screen and the keywords of the menu."""
    entry = await enter(session, command)
    entered = menu.operations(entry)
    whole = (
        menu.is_menu_of(command, entered) if command == cs.SWITCH_COMMAND else cs.judge_first_screen(entry) is not None
    )
    if keyword not in entered or not whole:
        kind = NotOffered if whole else UnexpectedScreen
        raise session.unexpected(entry, f"{command}: {keyword} is not offered", kind)
    screen = await session.send(keyword)
    _check_accepted(session, screen, keyword)
    return screen, entered


def _check_accepted(session: Session, screen: Screen, step: str) -> None:
    if screen.shows(screens.SAYS_NO):
        raise session.refused(
            screen,
            f"the appliance rejected the answer at the step {step!r}; the step committed nothing.",
            "read the appliance's output below.",
        )
