# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pack a reading into a text, and unpack the same reading."""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos.errors import UnexpectedScreen
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.model import (
    CloudStep,
    CloudStepKind,
    FleetState,
    FleetStep,
    Goal,
    Outcomes,
    Settings,
    Wanted,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.plan import plan_fleet
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.serialization import pack, unpack
from tests.unit.examples import examples
from tests.unit.plugins.module_utils.fleet.drawn import troubled_pictures
from tests.unit.plugins.module_utils.fleet.picture import Picture, onboarded


@examples(100)
@given(troubled_pictures(), st.sampled_from(Goal))
def test_a_reading_is_unchanged_after_pack_and_unpack(picture: Picture, goal: Goal) -> None:
    state = picture.state(goal)
    plan = plan_fleet(state, goal)
    state = replace(state, portal_tokens=plan.outcomes.tokens)
    again = unpack(FleetState, pack(state))
    assert again == state
    assert plan_fleet(again, goal) == plan_fleet(state, goal)


@examples(50)
@given(troubled_pictures(), st.sampled_from(Goal))
def test_outcomes_are_unchanged_after_pack_and_unpack(picture: Picture, goal: Goal) -> None:
    outcomes = replace(picture.plan(goal).outcomes, alive=frozenset({"a", "b"}))
    assert unpack(Outcomes, pack(outcomes)) == outcomes


@examples(100)
@given(st.text(), st.text(), st.text(st.characters()), st.booleans())
def test_any_text_in_it_is_kept(host: str, region: str, name: str, flag: bool) -> None:
    state = FleetState(Settings({host: Wanted(host, region, name, hosted=flag)}, (region,), other_hosts=(name,)))
    text = pack(state)
    assert unpack(FleetState, text) == state
    assert text.isascii() and text.isprintable() and "{" not in text, "nothing for a template engine to find"


def test_a_step_is_unpacked_by_its_kind() -> None:
    @dataclass(frozen=True)
    class Steps:
        steps: tuple[FleetStep, ...]

    picture = Picture([replace(onboarded("a").boxes[0], registration="unregistered")])
    taken = (*picture.plan().progress["a"].steps, CloudStep(CloudStepKind.OLD_RECORD_DELETED, "apjc"))
    assert unpack(Steps, pack(Steps(taken))) == Steps(taken)


def test_strings_of_ansible_become_plain_ones() -> None:
    class Tagged(str):
        tags = ("trusted",)

    state = FleetState(Settings({Tagged("a"): Wanted(Tagged("a"), Tagged("europe"), "a")}))
    (host,) = unpack(FleetState, pack(state)).settings.hosts.values()
    assert type(host.host) is type(host.region) is str


def test_exceptions_are_left_out() -> None:
    @dataclass(frozen=True)
    class Holder:
        name: str
        error: Exception | None = None

    assert unpack(Holder, pack(Holder("a", UnexpectedScreen("a", "p.", "r.")))) == Holder("a")


def texts_of_others() -> list[str]:
    def packed(content: str) -> str:
        return base64.b64encode(zlib.compress(content.encode())).decode()

    good = pack(onboarded("a").state())
    more = json.dumps({"settings": {"hosts": {}}, "weather": "fine"})
    return [
        "",
        "x",
        "{}",
        good[:-8],
        good[8:],
        packed(""),
        packed("[]"),
        packed("{}"),
        packed(more),
        packed("[" * 10**5),
    ]


@pytest.mark.parametrize("text", texts_of_others())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        unpack(FleetState, text)


def test_the_state_of_a_large_fleet_is_short() -> None:
    """Every host of a play stores it."""
    picture = onboarded(*(f"esa{number}" for number in range(500)))
    assert len(pack(picture.state())) < 100_000
