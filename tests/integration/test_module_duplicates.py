# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Duplicate modules, as after two simultaneous runs: a run keeps one of them, and a removal removes both."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.module_instances import INSTANCES_PATH
from tests.integration.support.drift_report import appliances, report_of

HOST = "esa1.example.com"
ONBOARDED = {"enabled": True, "region": "europe", "registered": True, "module": True}
FLEET = {"appliances": [{"name": HOST, "region": "europe", "initial": ONBOARDED}]}


def instances(lab):
    return lab.state()["regions"]["europe"]["module_instances"]


def create_duplicate(lab):
    """Create a duplicate of the module."""
    account = lab.regions["europe"]
    with IrohClient(
        region="europe",
        api_url=account["api_url"],
        client_id=account["client_id"],
        client_password=account["client_password"],
        ca_path=str(lab.folder / "ca.pem"),
    ) as client:
        (first,) = client.get_all(INSTANCES_PATH, page=100)
        keys = ("name", "module_type_id", "visibility", "enabled", "settings")
        client.post(INSTANCES_PATH, {key: first[key] for key in keys})
    return first["id"]


def test_a_duplicate_module_is_removed_and_a_removal_removes_both(lab, ansible):
    first = create_duplicate(lab)
    assert len(instances(lab)) == 2
    report = ansible.playbook("emailsec.ctr.drift_report")
    row = appliances(report_of(ansible))[HOST]
    assert (report.rc, row["verdict"], row["steps"]) == (0, "drift", ["module updated"])
    run = ansible.playbook("emailsec.ctr.onboard")
    assert run.rc == 0, run.output
    assert [one["id"] for one in instances(lab)] == [first]
    assert ansible.playbook("emailsec.ctr.onboard").changes() == set()
    create_duplicate(lab)
    assert ansible.playbook("emailsec.ctr.remove").rc == 0
    assert instances(lab) == []
