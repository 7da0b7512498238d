# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The drift document in Prometheus' text format, for node_exporter's textfile collector.

Names follow Prometheus' conventions: base units, the unit at the end of the name, no time stamps on samples (the collector
refuses them); the time of the report is a metric of its own, to alert on a report that is no longer made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._report.sentences import Document
from ansible_collections.emailsec.ctr.plugins.module_utils._report.verdicts import WORST_FIRST, count

PREFIX = "emailsec_ctr_drift"
Sample = tuple[dict[str, str], Any]


def prometheus_text(document: Document) -> str:
    """All metrics, each with HELP and TYPE; every metric is a gauge."""
    regions, rows = document["regions"], document["appliances"]
    quotas = [(region["region"], region["quota"]) for region in regions if region["quota"]]
    metrics: list[tuple[str, str, Iterable[Sample]]] = [
        (
            "report_timestamp_seconds",
            "When the report was made, in seconds since the epoch.",
            [({}, _seconds(document["created"]))],
        ),
        (
            "report_info",
            "The release of the collection that made the report.",
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
            "API calls that the organisation of the region may make per hour.",
            [({"region": name}, quota["limit"]) for name, quota in quotas],
        ),
        (
            "api_quota_remaining_calls",
            "API calls that the organisation of the region had left when the report was made.",
            [({"region": name}, quota["remaining"]) for name, quota in quotas],
        ),
    ]
    lines = []
    for name, meaning, samples in metrics:
        lines += [f"# HELP {PREFIX}_{name} {meaning}", f"# TYPE {PREFIX}_{name} gauge"]
        lines += [f"{PREFIX}_{name}{_labels(labels)} {value}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """A label's value: the format knows three escapes."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


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
    return int(datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp())
