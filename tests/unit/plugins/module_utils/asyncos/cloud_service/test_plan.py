# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner over every combination of current and desired state."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cli.identity import Identity
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import plan as p
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service import state as cs
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.plan import DesiredState
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.cloud_service.state import CloudService
from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import Refusal
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import Registration

HOST = "esa1.example.com"
EUROPE = "api.eu.sse.itd.cisco.com"
AMERICAS = "api-sse.cisco.com"
ESA = Identity("ESA", "C100V", "14.0.0-698", "0000-0001")
OLD_MENU = (False, True)
REGISTRATIONS = [one.value for one in Registration]


def appliance(enabled: bool, server: str | None, registration: str, own_switch: bool = False) -> CloudService:
    return CloudService(HOST, ESA, enabled, server, registration, own_switch=own_switch)


STATES = [appliance(False, None, cs.UNAVAILABLE, old) for old in OLD_MENU] + [
    appliance(True, server, registration, old)
    for server, registration, old in product((None, EUROPE, AMERICAS), REGISTRATIONS, OLD_MENU)
]
DESIRED_STATES = [
    DesiredState(state, server, has_token, allow, "why")
    for state, server, has_token, allow in product(
        p.DESIRED_STATES, (None, EUROPE, AMERICAS), (False, True), (False, True)
    )
]
COMBINATIONS = list(product(STATES, DESIRED_STATES))


def kinds(steps: tuple[p.Step, ...]) -> list[str]:
    return [step.kind for step in steps]


def planned() -> list[tuple[CloudService, DesiredState, tuple[p.Step, ...]]]:
    found = []
    for state, desired in COMBINATIONS:
        try:
            found.append((state, desired, p.plan(HOST, state, desired)))
        except Refusal:
            continue
    return found


PLANNED = planned()


def fulfils(state: CloudService, desired: DesiredState) -> bool:
    if desired.state == p.DISABLED:
        return not state.enabled
    if desired.state == p.UNREGISTERED:
        return state.registration != cs.REGISTERED
    server_fits = desired.server is None or state.server == desired.server or p.server_unknown(state)
    registered = desired.state != p.REGISTERED or state.registration == cs.REGISTERED
    return state.enabled and server_fits and registered


def test_most_combinations_have_a_plan_and_some_are_refused() -> None:
    assert 0 < len(COMBINATIONS) - len(PLANNED) < len(PLANNED)


def test_every_plan_reaches_the_desired_state_and_is_idempotent() -> None:
    for state, desired, steps in PLANNED:
        if state.registration == cs.IN_PROGRESS:
            assert kinds(steps) == [p.WAIT], (state, desired)
            continue
        after = p.predict(state, steps)
        assert fulfils(after, desired), (state, desired, steps)
        assert p.plan(HOST, after, replace(desired, has_token=False, allow_reregistration=False)) == (), (
            state,
            desired,
        )


@pytest.mark.parametrize("state", ["Disabled", "absent", ""])
def test_an_unknown_desired_state_raises_value_error(state: str) -> None:
    with pytest.raises(ValueError, match="no such state"):
        p.plan("esa1", appliance(True, "api-sse.cisco.com", cs.REGISTERED), DesiredState(state))


def test_an_appliance_in_the_desired_state_needs_no_step() -> None:
    for state, desired, steps in PLANNED:
        if state.registration != cs.IN_PROGRESS and fulfils(state, desired):
            assert steps == (), (state, desired)


def test_every_setting_is_committed_before_anything_else_happens() -> None:
    for _state, _desired, steps in PLANNED:
        order = kinds(steps)
        for position, kind in enumerate(order):
            if kind in (p.ENABLE, p.SET_SERVER, p.DISABLE):
                assert order[position + 1] == p.COMMIT
        assert order.count(p.COMMIT) == len([k for k in order if k in (p.ENABLE, p.SET_SERVER, p.DISABLE)])


def test_a_registered_appliance_keeps_server_and_service_until_it_is_deregistered() -> None:
    for state, _desired, steps in PLANNED:
        order = kinds(steps)
        if state.registration == cs.REGISTERED and {p.SET_SERVER, p.DISABLE} & set(order):
            assert order[0] == p.DEREGISTER


def test_reregistration_needs_permission() -> None:
    for _state, desired, steps in PLANNED:
        if p.DEREGISTER in kinds(steps):
            assert desired.allow_reregistration or desired.state in (p.UNREGISTERED, p.DISABLED)


def test_a_token_is_used_only_if_given_and_needed() -> None:
    for _state, desired, steps in PLANNED:
        if p.REGISTER in kinds(steps):
            assert desired.has_token and desired.state == p.REGISTERED


@pytest.mark.parametrize(
    ("state", "desired", "reason"),
    [
        (appliance(False, None, cs.UNAVAILABLE), DesiredState(p.ENABLED), "no server is set"),
        (appliance(True, EUROPE, cs.UNREGISTERED), DesiredState(p.REGISTERED, EUROPE), "no registration token"),
        (appliance(True, EUROPE, cs.REGISTERED), DesiredState(p.ENABLED, AMERICAS), "allow_reregistration"),
        (appliance(True, EUROPE, cs.REGISTERED), DesiredState(p.REGISTERED, AMERICAS, True), "allow_reregistration"),
        (
            appliance(True, EUROPE, cs.REGISTERED),
            DesiredState(p.REGISTERED, AMERICAS, has_token=False, allow_reregistration=True),
            "no registration token",
        ),
        (appliance(True, EUROPE, cs.UNAVAILABLE), DesiredState(p.REGISTERED, EUROPE, True), "not committed"),
        (
            appliance(True, EUROPE, cs.SMART_LICENSING),
            DesiredState(p.REGISTERED, EUROPE, True),
            "through smart licensing",
        ),
        (appliance(True, EUROPE, cs.SMART_LICENSING), DesiredState(p.ENABLED, AMERICAS), "through smart licensing"),
        (appliance(True, EUROPE, cs.SMART_LICENSING), DesiredState(p.UNREGISTERED), "through smart licensing"),
    ],
)
def test_what_is_refused_and_why(state: CloudService, desired: DesiredState, reason: str) -> None:
    with pytest.raises(Refusal, match=reason) as refused:
        p.plan(HOST, state, desired)
    assert str(refused.value).startswith(HOST) and "Fix:" in str(refused.value)


def test_a_region_move_takes_its_steps_in_the_order_of_the_procedure() -> None:
    steps = p.plan(
        HOST, appliance(True, EUROPE, cs.REGISTERED), DesiredState(p.REGISTERED, AMERICAS, True, True, "move")
    )
    assert [str(step) for step in steps] == [
        "deregister",
        "set the server to api-sse.cisco.com",
        "commit (move)",
        "register with a registration token",
    ]


@pytest.mark.parametrize("pending", [True, None])
def test_a_commit_is_refused_if_other_changes_are_pending_or_unknown(pending: bool | None) -> None:
    setting = (p.Step(p.ENABLE, EUROPE), p.Step(p.COMMIT, "why"))
    with pytest.raises(Refusal, match="another administrator's uncommitted changes.*showchanges"):
        p.check_nothing_to_commit(HOST, setting, pending)
    p.check_nothing_to_commit(HOST, setting, False)
    p.check_nothing_to_commit(HOST, (p.Step(p.REGISTER), p.Step(p.DEREGISTER)), pending)


def test_a_server_that_is_not_offered_is_refused_with_the_list() -> None:
    state = replace(appliance(False, None, cs.UNAVAILABLE), offered=(AMERICAS,))
    steps = p.plan(HOST, state, DesiredState(p.ENABLED, EUROPE))
    with pytest.raises(Refusal, match=f"does not offer the server {EUROPE}; it offers {AMERICAS}"):
        p.check_offered(HOST, state, steps)


@pytest.mark.parametrize("state", [p.ENABLED, p.REGISTERED])
@pytest.mark.parametrize("server", [EUROPE, AMERICAS])
def test_another_administrators_pending_enable_is_not_committed(state: str, server: str) -> None:
    desired = DesiredState(state, EUROPE, True, False, "why")
    if state == p.ENABLED and server == EUROPE:
        assert p.plan(HOST, appliance(True, server, cs.UNAVAILABLE), desired) == ()
        return
    with pytest.raises(Refusal) as caught:
        p.plan(HOST, appliance(True, server, cs.UNAVAILABLE), desired)
    assert "enabling was not committed" in caught.value.fix


@pytest.mark.parametrize("registration", [cs.UNREGISTERED, cs.REGISTERED])
@pytest.mark.parametrize("state", [p.ENABLED, p.REGISTERED])
def test_a_server_that_is_not_offered_is_refused_before_a_token_is_issued(state: str, registration: str) -> None:
    hidden = replace(appliance(True, None, registration), offered=(AMERICAS,))
    desired = DesiredState(state, EUROPE, True, False, "why")
    with pytest.raises(Refusal) as caught:
        steps = p.plan(HOST, hidden, desired)
        p.check_offered(HOST, hidden, steps)
    assert f"does not offer the server {EUROPE}; it offers {AMERICAS}" in caught.value.problem
    assert p.plan(HOST, replace(hidden, offered=()), replace(desired, state=p.ENABLED)) == ()
