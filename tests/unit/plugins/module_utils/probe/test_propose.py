# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A proposal has evidence from another source; everything else is left for the user."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._probe.assumptions import all_assumptions
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.compare import compare
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.findings import Findings
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.propose import propose
from ansible_collections.emailsec.ctr.plugins.module_utils._probe.render.profile_file import profile_of
from ansible_collections.emailsec.ctr.plugins.module_utils._profile.check import Source, check_profile
from tests.samples.probe import device, findings, module_type, region, walk

HOST = "esa1.example.com"


def proposed(found: Findings) -> tuple[dict[str, Any], set[str]]:
    """Return the proposed profile, which must be valid, and the assumptions that remain."""
    compared = [(one, compare(one, found)) for one in all_assumptions()]
    proposals, remaining = propose(found, compared)
    profile = profile_of(proposals)
    assert check_profile([Source("proposed", profile)])[1] == []
    assert all(one.evidence for one in proposals)
    return profile, {one.assumption for one in remaining}


def test_nothing_differs_nothing_is_proposed() -> None:
    assert proposed(findings(walk(), europe=region((device(1, HOST),)))) == ({}, set())


@pytest.mark.parametrize(
    ("found", "texts"),
    [
        (findings(walk(status="Joined the cloud.")), {"registered": ["Joined the cloud"]}),
        (findings(walk(state="disabled", status="Cloud access is off.")), {"disabled": ["Cloud access is off"]}),
        (
            findings(walk(state="unregistered", status=f"{HOST} takes part since 17 days.")),
            {"enabled": ["[a-z0-9.-]{1,200} takes part since \\d{1,9} days"]},
        ),
        (findings(walk(changes="Everything is committed.")), {"no_changes": ["Everything is committed"]}),
        (
            findings(walk(state="unregistered", status="", REGISTER="Type the enrollment secret:")),
            {"token_question": ["Type the enrollment secret"]},
        ),
    ],
)
def test_texts_beside_a_menu_or_after_a_line(found: Findings, texts: dict[str, list[str]]) -> None:
    profile, remaining = proposed(found)
    assert (profile["texts"], remaining) == (texts, set())


@pytest.mark.parametrize(
    ("found", "text_id"),
    [
        (findings(walk(status="Joined the cloud. Also in good health.")), "registered"),
        (findings(walk(changes="All is fine."), walk("b", changes="Nothing new here.")), "no_changes"),
        (findings(walk(changes="Fine.")), "no_changes"),
    ],
)
def test_texts_that_are_not_certain(found: Findings, text_id: str) -> None:
    profile, remaining = proposed(found)
    assert (profile, remaining) == ({}, {f"text.{text_id}"})


def test_a_list_of_changes_is_no_text() -> None:
    assert proposed(findings(walk(changes="Uncommitted changes:\n  server: api.example.com"))) == ({}, set())


def renamed(record: dict[str, Any]) -> dict[str, Any]:
    names = {
        "id": "uuid",
        "name": "host_name",
        "status": "state",
        "ipAddress": "ip_address",
        "connectorVersion": "connector",
    }
    return {names.get(key, key): value for key, value in record.items()}


def test_fields_by_the_name_of_the_appliance_and_the_form_of_the_values() -> None:
    rows = (renamed(device(1, HOST)), renamed(device(2, "esa2.example.com", "Pending")))
    profile, remaining = proposed(
        findings(walk(), walk("esa2.example.com", state="unregistered", status=""), europe=region(rows))
    )
    assert remaining == set()
    assert profile["sse"]["fields"] == {
        "id": ["uuid"],
        "name": ["host_name"],
        "status": ["state"],
        "ip_address": ["ip_address"],
        "connector_version": ["connector"],
        "token": ["token"],
        "token_expires": ["expires_at", "expiresAt"],
    }
    assert profile["sse"]["sends"] == {"name": "host_name", "token_lifetime": "token_expiry"}


def test_a_list_and_records_inside_other_fields() -> None:
    profile, remaining = proposed(findings(walk(), europe=region({"devices": [{"data": device(1, HOST)}]})))
    assert profile["sse"]["list_in"] == "devices"
    assert profile["sse"]["fields"]["id"] == ["data.id"]
    assert profile["sse"]["fields"]["token"] == ["data.token", "token"]
    assert remaining == set()


def test_two_fields_that_fit_are_left_for_the_user() -> None:
    row = {**device(1, HOST), "label": HOST, "title": HOST}
    del row["name"]
    profile, remaining = proposed(findings(walk(), europe=region((row,))))
    assert "name" not in profile.get("sse", {}).get("fields", {})
    assert "field.sse.name" in remaining


def test_status_words_by_the_menu_of_the_appliance() -> None:
    rows = (device(1, HOST, "Enrolled"), device(2, "esa2.example.com", "Provisioned"), device(3, "far", "Sleeping"))
    found = findings(walk(), walk("esa2.example.com", state="disabled", status=""), europe=region(rows))
    profile, remaining = proposed(found)
    assert profile["sse"]["statuses"] == {"registered": ["Enrolled"], "awaits_token": ["Provisioned"]}
    assert remaining == {"status.registered"}, "no appliance of the device Sleeping was probed"


def test_a_status_word_with_two_meanings_is_left_for_the_user() -> None:
    rows = (device(1, HOST, "Known"), device(2, "esa2.example.com", "Known"))
    found = findings(walk(), walk("esa2.example.com", state="disabled", status=""), europe=region(rows))
    assert proposed(found) == ({}, {"status.registered"})


def test_a_module_type_by_its_title_and_settings() -> None:
    types = (
        module_type(1, "Web Guard"),
        module_type(2, "Mail Guard", "ref", "window"),
        module_type(3, "Mail Guard Central Management"),
    )
    found = findings(walk(), walk("sma1.example.com", model="M300V"), europe=region((device(1, HOST),), types=types))
    profile, remaining = proposed(found)
    assert remaining == set()
    assert profile["module_types"]["europe"] == {
        "esa": {"title": "Mail Guard", "device_key": "ref", "timeframe_key": "window"},
        "sma": {"title": "Mail Guard Central Management", "device_key": "device", "timeframe_key": "days"},
    }


def test_a_module_type_by_the_module_of_an_appliance() -> None:
    types = (module_type(1, "Guard One"), module_type(2, "Guard Two"))
    instance = {"id": "x", "module_type_id": types[1]["id"], "settings": {"device": device(1, HOST)["id"]}}
    profile, _remaining = proposed(
        findings(walk(), europe=region((device(1, HOST),), types=types, instances=(instance,)))
    )
    assert profile["module_types"]["europe"]["esa"]["title"] == "Guard Two"


def test_two_module_types_that_fit_are_left_for_the_user() -> None:
    types = (module_type(1, "Mail Guard"), module_type(2, "Mail Shield"))
    found = findings(walk(), europe=region((device(1, HOST),), types=types))
    assert proposed(found) == ({}, {"title.esa"})


def test_an_unknown_server_by_its_label() -> None:
    profile, remaining = proposed(
        findings(walk(servers="1. EUROPE (api.eu2.example.com)\n2. MARS (api.mars.example.com)"))
    )
    assert profile == {"regions": {"europe": {"appliance_server": "api.eu2.example.com"}}}
    assert remaining == {"server.unknown"}
