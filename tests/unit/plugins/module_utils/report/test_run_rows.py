# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of a diagnosis. test_verification.py tests the rows of a verification."""

from __future__ import annotations

from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.catalogue import BY_CODE
from ansible_collections.emailsec.ctr.plugins.module_utils._diagnose.diagnosis import Diagnosis
from ansible_collections.emailsec.ctr.plugins.module_utils._report.run_rows import finding_row, with_findings


def test_a_finding_contains_the_names_of_its_appliance_and_region() -> None:
    row = finding_row(Diagnosis("esa1", "apjc", BY_CODE["wrong_region_server"], "shown"))
    assert (row["host"], row["region"], row["code"], row["evidence"]) == (
        "esa1",
        "apjc",
        "wrong_region_server",
        "shown",
    )
    assert "esa1" in row["sentence"] and "APJC" in row["sentence"] + row["fix"]


def test_each_appliance_gets_its_finding() -> None:
    rows = [{"host": "esa1"}, {"host": "esa2"}]
    row = finding_row(Diagnosis("esa1", "europe", BY_CODE["nothing_wrong"], "shown"))
    shown = with_findings({"regions": [], "appliances": rows}, [row])
    assert [one["finding"] and one["finding"]["code"] for one in shown["appliances"]] == ["nothing_wrong", None]
    assert set(shown["appliances"][0]["finding"]) == set(row) - {"host", "region"}
    assert "finding" not in rows[0]
