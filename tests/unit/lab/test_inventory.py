# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory of fleets with unusual regions."""

from __future__ import annotations

from pathlib import Path

from tests.lab.fleet import read_fleet
from tests.lab.inventory import inventory_of
from tests.lab.lab import Lab


def test_unknown_and_missing_regions() -> None:
    appliances = [
        {"name": "a.example.com", "region": "mars"},
        {"name": "b.example.com"},
        {"name": "c.example.com", "region": "apjc", "product": "WSA"},
    ]
    lab = Lab(read_fleet("test.yml", {"appliances": appliances}))
    group = inventory_of(lab, Path("/run"))["all"]["children"]["appliances"]
    assert group["hosts"]["a.example.com"]["esa_ctr_region"] == "mars"
    assert "esa_ctr_region" not in group["hosts"]["b.example.com"]
    assert set(group["children"]) == {"esa", "wsa", "region_apjc"}
    assert group["children"]["region_apjc"]["vars"] == {"esa_ctr_region": "apjc"}
