# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of the drift document match the samples and the published schema."""

from __future__ import annotations

import json
import re

from hypothesis import given

from ansible_collections.emailsec.ctr.plugins.module_utils._report.drift_rows import TITLES
from tests.samples import drift as samples
from tests.unit.examples import examples
from tests.unit.plugins.module_utils.fleet.drawn import troubled_pictures
from tests.unit.plugins.module_utils.fleet.picture import Box, Picture, checks, device, onboarded
from tests.unit.plugins.module_utils.report.drawn import SCHEMA, faults


def test_a_check_has_all_its_keys_and_a_title() -> None:
    row = Picture([Box("a", days=60)], onboarded("a").devices, onboarded("a").modules).report()["appliances"]["a"]
    assert checks(row)["module_timeframe"] == {
        "check": "module_timeframe",
        "title": "Request timeframe (days)",
        "wanted": 60,
        "found": 30,
        "verdict": "drift",
        "step": "module updated",
        "reason": "",
        "explained": False,
    }


def test_steps_of_a_check_are_joined() -> None:
    picture = onboarded("a")
    picture.devices |= {region: [device("a", "Unregistered")] for region in ("americas", "apjc")}
    picture.allow_move = True
    row = picture.report()["appliances"]["a"]
    assert checks(row)["sse_region"]["step"] == "SSE record of americas deleted; SSE record of apjc deleted"
    assert row["steps"] == checks(row)["sse_region"]["step"].split("; ")


def test_titles_are_unique() -> None:
    assert len(set(TITLES.values())) == len(TITLES)


def test_samples_have_all_checks_of_the_report() -> None:
    made = [*samples.appliance("a")["checks"], *samples.region("europe")["checks"]]
    assert [(one["check"], one["title"]) for one in made] == list(TITLES.items())


def test_the_schema_names_all_checks() -> None:
    said = SCHEMA["$defs"]["check"]["properties"]["check"]["description"]
    assert set(TITLES) <= set(re.findall(r"[a-z_]+", said))


@examples(50)
@given(troubled_pictures())
def test_rows_of_any_fleet_match_the_schema(picture: Picture) -> None:
    rows = picture.drift()
    document = samples.build((rows["regions"], rows["appliances"]))
    assert faults(json.loads(json.dumps(document))) == []
