# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document in the Prometheus text format, for the textfile collector of node_exporter.

Names follow the conventions of Prometheus: base units, and the unit at the end of the name. Samples have no time stamps,
because the collector rejects them. The time of the report is a metric, so that an alert can detect missing reports.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import Document
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import WORST_FIRST, count
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown
from ansible_collections.emailsec.ctr.plugins.module_utils._times import time_of

PREFIX = "emailsec_ctr_drift"
Sample = tuple[dict[str, str], Any]


def prometheus_text(document: Document) -> str:
    """Return all metrics with HELP and TYPE; all are gauges."""
    regions, rows = document["regions"], document["appliances"]
    quotas = [(region["region"], region["quota"]) for region in regions if region["quota"]]
    metrics: list[tuple[str, str, Iterable[Sample]]] = [
        (
            "report_timestamp_seconds",
            "Time of the report, in seconds since the epoch.",
            [({}, _seconds(document["created"]))],
        ),
        (
            "report_info",
            "Version of the collection, always 1.",
            [({"collection": document["collection"]}, 1)],
        ),
        (
            "appliances",
            "Number of appliances by region and verdict.",
            [
                ({"region": region["region"], "verdict": verdict}, region["counts"][verdict])
                for region in regions
                for verdict in WORST_FIRST
            ],
        ),
        (
            "appliance_verdict",
            "1 for the verdict on the appliance, 0 for the others.",
            [
                ({"host": row["host"], "region": row["region"], "verdict": verdict}, int(row["verdict"] == verdict))
                for row in rows
                for verdict in WORST_FIRST
            ],
        ),
        (
            "region_checks",
            "Number of checks of the region itself by check and verdict.",
            _region_checks(regions),
        ),
        (
            "api_quota_limit_calls",
            "API calls per hour that the organisation of the region may make.",
            [({"region": name}, quota["limit"]) for name, quota in quotas],
        ),
        (
            "api_quota_remaining_calls",
            "API calls that the organisation of the region had left at the time of the report.",
            [({"region": name}, quota["remaining"]) for name, quota in quotas],
        ),
    ]
    lines = []
    for name, meaning, samples in metrics:
        lines += [f"# HELP {PREFIX}_{name} {meaning}", f"# TYPE {PREFIX}_{name} gauge"]
        lines += [f"{PREFIX}_{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return the value of a label. Control characters of terminals are shown as such, so that different names stay different."""
    return shown(text).replace("\\", "\\\\").replace('"', '\\"')


def _labels(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{escape(value)}"' for name, value in labels.items()) + "}" if labels else ""


def _region_checks(regions: Iterable[dict[str, Any]]) -> list[Sample]:
    samples: list[Sample] = []
    for region in regions:
        codes = dict.fromkeys(check["check"] for check in region["checks"])
        for code in codes:
            counts = count(check["verdict"] for check in region["checks"] if check["check"] == code)
            samples += [
                ({"region": region["region"], "check": code, "verdict": verdict}, counts[verdict])
                for verdict in WORST_FIRST
            ]
    return samples


def _seconds(created: str) -> int:
    when = time_of(created)
    return int(when.timestamp()) if when else 0
