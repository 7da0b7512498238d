# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the report: their shape, their titles, and the worst of them."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet import checks, drift, drift_regions
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.checks import TITLES
from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.drift_steps import LEFT, STOPS, Outlook
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import (
    DRIFT,
    OK,
    REFUSED,
    UNKNOWN,
    WORST_FIRST,
    worst,
)
from tests.samples import drift as samples

ROOT = Path(__file__).resolve().parents[5]


def test_a_check_has_all_its_keys_and_a_title() -> None:
    assert checks.check("server", "a", "b", DRIFT, step="set") == {
        "check": "server",
        "title": "Server",
        "wanted": "a",
        "found": "b",
        "verdict": "drift",
        "step": "set",
        "reason": "",
    }
    with pytest.raises(KeyError):
        checks.check("colour", None, None, OK)


def test_every_check_of_the_report_has_a_title_and_every_title_a_check() -> None:
    codes = [*drift.APPLIANCE_CHECKS, *drift_regions.DEVICE_CHECKS, *drift_regions.MODULE_CHECKS, "quota"]
    assert sorted(codes) == sorted(TITLES)
    assert len(set(TITLES.values())) == len(TITLES)


def test_the_samples_of_the_page_have_the_checks_of_the_report() -> None:
    made = [*samples.appliance("a")["checks"], *samples.region("europe")["checks"]]
    assert [(one["check"], one["title"]) for one in made] == list(TITLES.items())


def test_the_published_schema_names_every_check() -> None:
    schema = json.loads((ROOT / "docs" / "drift.schema.json").read_text(encoding="utf-8"))
    said = schema["$defs"]["check"]["properties"]["check"]["description"]
    assert set(TITLES) <= set(re.findall(r"[a-z_]+", said))


def test_what_was_not_compared_is_unknown_unless_it_is_left_alone() -> None:
    rows = checks.not_compared(("server", "enabled"), "why")
    assert {(row["verdict"], row["wanted"], row["found"], row["reason"]) for row in rows} == {
        (UNKNOWN, None, None, "why")
    }
    assert checks.not_compared(("server",), "why", REFUSED)[0]["verdict"] == REFUSED


def test_the_worst_verdict_is_the_one_that_may_hide_most() -> None:
    assert WORST_FIRST == (UNKNOWN, REFUSED, DRIFT, OK)
    for several in itertools.product(WORST_FIRST, repeat=2):
        assert worst(several) == min(several, key=WORST_FIRST.index)


@pytest.mark.parametrize(
    "outlook, expected",
    [
        (Outlook(["deregister", "set the server to x"]), (DRIFT, "set the server to x", "")),
        (Outlook(["commit"]), (DRIFT, None, LEFT)),
        (Outlook(["set the server to x"], REFUSED, "why"), (DRIFT, "set the server to x", "")),
        (Outlook([], REFUSED, "why"), (REFUSED, None, STOPS)),
        (Outlook([], UNKNOWN, "why"), (DRIFT, None, STOPS)),
    ],
)
def test_a_difference_has_the_step_of_the_run_or_says_why_there_is_none(outlook: Outlook, expected: tuple) -> None:
    row = outlook.compared("server", "x", "y", ("set the server", "deregister"))
    assert (row["verdict"], row["step"], row["reason"]) == expected
    own = outlook.compared("server", "x", "y", ("set the server",), reason="own")
    assert own["reason"] == ("" if own["step"] else "own")
    same = outlook.compared("server", "x", "x", ("set the server",))
    assert (same["verdict"], same["step"]) == (OK, None)
    assert outlook.compared("server", "x", "x", same=False)["verdict"] != OK
