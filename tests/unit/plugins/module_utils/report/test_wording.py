# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The failure of a region is told once."""

from __future__ import annotations

from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.shared import (
    shared_notes,
    shared_reasons,
    short_reason,
)


def row(region: str, reason: str, of_region: bool = True) -> dict[str, Any]:
    return {"region": region, "reason": reason, "of_region": of_region}


def test_a_reason_of_several_appliances_is_one_note_and_a_short_word_for_each() -> None:
    rows = [row("europe", "API down")] * 200 + [row("apjc", "API down"), row("europe", "no token", of_region=False)]
    shared = shared_reasons(rows)
    assert shared_notes(shared) == ["europe: API down (200 appliances)"]
    said = [short_reason(each, shared) for each in rows]
    assert said[0] == "the region europe failed (see the message of the region)"
    assert said[-2:] == ["API down", "no token"], "what one appliance has alone is told in its row"


def test_reasons_of_appliances_are_never_shared() -> None:
    assert shared_reasons([row("europe", "no token", of_region=False)] * 3) == {}
