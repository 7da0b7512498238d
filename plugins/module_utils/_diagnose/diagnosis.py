# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. One finding per appliance, out of everything that was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._fleet.by_region import ByRegion
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import REGIONS

from .catalogue import BY_CODE, NOTHING_WRONG, Finding, page_of
from .evidence import Evidence, Readings
from .rules import RULES

SHOWN = ("code", "sentence", "evidence", "remedy", "portal_url", "page")
TRACKING = "esa_ctr__tracking"


def with_findings(drift: Mapping[str, Any], diagnosis: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows of the drift report, each appliance with its finding (without host and region, which the row has)."""
    findings = {row["host"]: {key: row[key] for key in SHOWN} for row in diagnosis}
    return {**drift, "appliances": [{**row, "finding": findings.get(row["host"])} for row in drift["appliances"]]}


def fleet_diagnosis(
    settings: Mapping[str, Mapping[str, Any]],
    appliances: Iterable[Mapping[str, Any]],
    results: Mapping[str, Any],
    hostvars: Mapping[str, Mapping[str, Any]],
    query: str = "",
    query_problem: str = "",
) -> list[dict[str, Any]]:
    """One row per appliance: C(host), C(region), C(code), C(sentence), C(evidence), C(remedy), C(portal_url), C(page).

    ``settings`` by host from fleet_settings, ``appliances`` rows of esa_cloud_service_info, ``results`` the results of the
    cloud tasks by what they are (C(devices), C(modules), C(investigation)), ``hostvars`` hold what message tracking said,
    ``query`` what was investigated, ``query_problem`` what is wrong with it. The finding nearest the cause wins.
    """
    read = {str(row["host"]): row for row in appliances}
    readings = Readings(
        devices=ByRegion(results.get("devices")),
        modules=ByRegion(results.get("modules")),
        investigation=ByRegion(results.get("investigation")),
        tracking={str(host): hostvars[host].get(TRACKING) or {} for host in settings},
        query=query,
        query_problem=query_problem,
        host_names={
            (str(settings[host]["region"]), host): str(row["cloud_service"]["hostname"])
            for host, row in read.items()
            if row["cloud_service"]
        },
    )
    return [_row(Evidence(str(host), wanted, read[str(host)], readings)) for host, wanted in settings.items()]


def _row(told: Evidence) -> dict[str, Any]:
    for code, rule in RULES:
        evidence = rule(told)
        if evidence:
            return _shown(BY_CODE[code], told, evidence)
    return _shown(NOTHING_WRONG, told, _summary(told))


def _shown(finding: Finding, told: Evidence, evidence: str) -> dict[str, Any]:
    region = REGIONS[told.region]
    names = {
        "host": told.host,
        "region": region.label,
        "portal": region.portal_url,
        "server": region.appliance_server,
    }
    return {
        "host": told.host,
        "region": told.region,
        "code": finding.code,
        "sentence": finding.sentence.format(**names),
        "evidence": evidence,
        "remedy": finding.remedy.format(**names),
        "portal_url": region.portal_url,
        "page": page_of(finding.code),
    }


def _summary(told: Evidence) -> str:
    parts = [
        f"cloudserviceconfig: registered on {told.service['server'] or 'a server that is not shown'}",
        f"SSE: {', '.join(str(one['id']) for one in told.records(told.region))} registered",
        f"CTR: module {told.module_id}, health {told.health() or 'not asked'}",
    ]
    if told.readings.query:
        parts.append(f"{len(told.sightings())} sightings of {told.readings.query}")
    if told.tracking_problem:
        parts.append(told.tracking_problem)
    return "; ".join(parts)
