# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read the drift report that a run has saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.integration.support.ansible import Ansible

FOLDER = "esa-ctr-report"
Row = dict[str, Any]


def report_of(ansible: Ansible, folder: str = FOLDER) -> Row:
    """Return the document of the last report."""
    return json.loads((ansible.folder / folder / "drift.json").read_text(encoding="utf-8"))


def remove_report(ansible: Ansible) -> Path:
    path = ansible.folder / FOLDER / "drift.json"
    path.unlink(missing_ok=True)
    return path


def appliances(document: Row) -> dict[str, Row]:
    return {row["host"]: row for row in document["appliances"]}


def regions(document: Row) -> dict[str, Row]:
    return {row["region"]: row for row in document["regions"]}


def verdicts(document: Row) -> dict[str, str]:
    """Return the verdict of each appliance."""
    return {row["host"]: row["verdict"] for row in document["appliances"]}


def check(row: Row, code: str) -> Row:
    """Return the check with this code of an appliance or a region."""
    [found] = [one for one in row["checks"] if one["check"] == code]
    return found


def compared(document: Row) -> Row:
    """Return the report without its time, the comparison with earlier reports, and the remaining calls."""
    said = {key: document[key] for key in ("schema_version", "title", "collection", "verdict", "counts", "appliances")}
    return said | {
        "regions": [
            {**row, "quota": None, "checks": [one for one in row["checks"] if one["check"] != "quota"]}
            for row in document["regions"]
        ]
    }
