# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe reads every appliance and region, whatever a run would refuse."""

from __future__ import annotations

import json

FLEET = {
    "appliances": [
        {"name": "sma1.example.com", "product": "SMA", "model": "M390", "region": "europe"},
        {"name": "esa1.example.com", "region": "americas", "managed_by": "sma1.example.com"},
    ]
}


def test_an_appliance_that_an_sma_integrates_is_probed_with_its_region(lab, ansible):
    run = ansible.playbook("emailsec.ctr.probe")
    assert (run.rc, lab.writes()) == (0, []), run.output
    document = json.loads((ansible.folder / "esa-ctr-probe" / "probe.json").read_text(encoding="utf-8"))
    assert len(document["appliances"]) == 2
    assert {one["region"] for one in document["regions"] if one["sent"]} >= {"europe", "americas"}
