# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module types with unknown titles: the error names the option, and with the option the run succeeds."""

from __future__ import annotations

import copy
import re

FLEET = {
    "settings": {"registration_seconds": 0.2, "busy_seconds": 0.1},
    "regions": {region: {"types_renamed": True} for region in ("americas", "europe")},
    "appliances": [
        {"name": "esa-us.example.com", "region": "americas"},
        {"name": "esa-eu.example.com", "region": "europe"},
        {"name": "sma-eu.example.com", "region": "europe", "product": "SMA"},
    ],
}
QUICK = ("-e", "esa_ctr_wait_interval=0.1", "-e", "esa_ctr_wait_timeout=10")


def test_the_error_lists_the_types_of_the_region_and_the_option_selects_one(lab, ansible):
    without = ansible.playbook("emailsec.ctr.onboard", *QUICK)
    assert len(without.bad_hosts()) == 3
    for region in ("americas", "europe"):
        assert f"esa_ctr_regions.{region}.esa" in without.output
        assert lab.state()["regions"][region]["module_instances"] == []
    (esa_us,) = set(re.findall(r"AMERICAS: no module type.*?Renamed ESA type \(([0-9a-f-]{36})\)", without.output))
    accounts = copy.deepcopy(lab.regions)
    for account in accounts.values():
        account["ca_path"] = str(lab.folder / "ca.pem")
        account["api_url"] += "/iroh/"
    accounts["americas"]["esa"] = {"id": esa_us}
    accounts["europe"].update(esa={"title": "Renamed ESA type"}, sma={"title": "renamed sma TYPE"})
    inventory = ansible.inventory("accounts.yml", {}, esa_ctr_regions=accounts)
    run = ansible.playbook("emailsec.ctr.onboard", "-i", inventory, *QUICK)
    assert run.rc == 0, run.output
    report = ansible.playbook("emailsec.ctr.drift_report", "-i", inventory, *QUICK)
    assert report.rc == 0, report.output
    counts = {region: len(lab.state()["regions"][region]["module_instances"]) for region in ("americas", "europe")}
    assert counts == {"americas": 1, "europe": 2}
    removed = ansible.playbook("emailsec.ctr.remove", "-i", inventory, *QUICK)
    assert removed.rc == 0, removed.output
    assert not any(lab.state()["regions"][region]["module_instances"] for region in ("americas", "europe"))
