# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Derive the desired state of each appliance from the inventory, and check it before any write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions, canonical_region, region_of_api

from .model import DevicesReading, Wanted
from .portal_tokens import FILE, TOKENS
from .problems import Kind, Problem, shown
from .variables import Failed, flag, plain

PRESENT, ABSENT = "present", "absent"
STATES = (PRESENT, ABSENT)
JOBS = {
    "onboard": (
        PRESENT,
        "remove the variable; emailsec.ctr.onboard accepts only present. To remove appliances, run emailsec.ctr.remove.",
    ),
    "remove": (
        ABSENT,
        "remove the variable; emailsec.ctr.remove accepts only absent. To onboard appliances, run emailsec.ctr.onboard.",
    ),
    "rollout": (
        PRESENT,
        "remove the variable; emailsec.ctr.rollout accepts only present. To remove appliances, run emailsec.ctr.remove.",
    ),
    "report": (
        PRESENT,
        "remove the variable; reports accept only present. To remove appliances, run emailsec.ctr.remove.",
    ),
}
"""The accepted state by job of a playbook, with the fix for the other state. The role alone accepts both states."""
DEFAULT_TIMEFRAME_DAYS = 30
WITHOUT_QUOTA_CHECK = ("report", "rollout")
"""Jobs that are not refused for a small quota. A rollout checks the quota of each wave."""
ENVIRONMENT = {"client_id": "CTR_CLIENT_ID", "client_password": "CTR_CLIENT_PASSWORD"}


@dataclass(frozen=True)
class RunSettings:
    """The settings of a whole play. Times are in seconds. ``other_hosts`` is None if it is not set."""

    state: str = PRESENT
    wait_timeout: float = 0.0
    wait_interval: float = 0.0
    prune: bool = False
    other_hosts: tuple[str, ...] | None = None
    concurrency: int = 64
    busy_pause: float = 0.0
    query: str = ""
    record: str = ""


def run_of(variables: Mapping[str, Any], job: str) -> RunSettings:
    """Return the settings of the play from the checked variables of one of its hosts."""
    values = {name: plain(value) for name, value in variables.items()}
    others = values.get("esa_ctr_other_hosts")
    return RunSettings(
        state=str(values.get("esa_ctr_state", JOBS[job][0] if job else PRESENT)),
        wait_timeout=float(values.get("esa_ctr_wait_timeout", 0)),
        wait_interval=float(values.get("esa_ctr_wait_interval", 0)),
        prune=flag(values.get("esa_ctr_prune", False)),
        other_hosts=None if others is None else tuple(map(str, others)),
        concurrency=int(values.get("esa_ctr_report_concurrency", 64)),
        busy_pause=float(values.get("esa_ctr_diagnose_busy_pause", 0)),
        query=str(values.get("esa_ctr_diagnose_query") or ""),
        record=str(values.get("esa_ctr_record") or ""),
    )


def settings_of(host: str, variables: Mapping[str, Any]) -> Wanted:
    """Return the settings of one host from its evaluated variables. Wrong values get defaults."""
    values = {name: plain(value) for name, value in variables.items()}
    days = values.get("esa_ctr_request_timeframe_days")
    return Wanted(
        host=host,
        region=canonical_region(values.get("esa_ctr_region")) or "",
        module_name=_text(values.get("esa_ctr_module_name")) or host,
        request_timeframe_days=int(str(days)) if str(days).isdecimal() else DEFAULT_TIMEFRAME_DAYS,
        managed_by_sma=_text(values.get("esa_ctr_managed_by_sma")),
        hosted=flag(values.get("esa_ctr_hosted", False)),
        commit_comment=str(values.get("esa_ctr_commit_comment") or ""),
        allow_region_change=flag(values.get("esa_ctr_allow_region_change", False)),
        disable_on_removal=flag(values.get("esa_ctr_disable_on_removal", False)),
        manual_token=any(bool(values.get(name)) for name in (TOKENS, FILE)),
    )


def accounts_of(variables: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return, by region, the key in esa_ctr_regions and the account. Leave out accounts that are not maps."""
    regions = plain(variables.get("esa_ctr_regions"))
    accounts: dict[str, tuple[str, dict[str, Any]]] = {}
    for key, account in regions.items() if isinstance(regions, Mapping) else ():
        region, values = canonical_region(key), plain(account)
        if region and region not in accounts and isinstance(values, Mapping):
            # A value that cannot be evaluated counts as set; check_variables reports it.
            known = {name: value if isinstance(value, Failed) else plain(value) for name, value in values.items()}
            accounts[region] = (str(key), known)
    return accounts


def check_state(job: str, hosts: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    """Yield a problem for each host with another state than the playbook accepts. ``job`` is empty for the role alone."""
    if not job:
        return
    state, fix = JOBS[job]
    for host, variables in hosts.items():
        found = plain(variables.get("esa_ctr_state", state))
        # check_variables reports invalid states.
        if found != state and found in STATES:
            yield Problem(Kind.WRONG_VALUE, "esa_ctr_state", f"is {shown(found)}", fix, (host,))


def check_settings(
    settings: Mapping[str, Wanted],
    accounts: Mapping[str, tuple[str, Mapping[str, Any]]],
    environment: Mapping[str, str],
) -> Iterator[Problem]:
    """Yield problems of the settings together: duplicate module names, and accounts of regions in use.

    ``environment`` may hold CTR_CLIENT_ID and CTR_CLIENT_PASSWORD.
    """
    names: dict[tuple[str, str], list[str]] = {}
    for host, wanted in settings.items():
        if wanted.region:
            names.setdefault((wanted.region, wanted.module_name), []).append(host)
    for (region, name), hosts in names.items():
        if len(hosts) > 1:
            yield Problem(
                Kind.CONTRADICTION,
                "esa_ctr_module_name",
                f"is {name!r} in {region}",
                "give each appliance of a region a unique module name.",
                tuple(hosts),
            )
    for region in regions_in_use(settings):
        yield from _account_problems(region, accounts, environment)


def check_managed(settings: Mapping[str, Wanted]) -> Iterator[Problem]:
    """Yield a problem for each ESA that must be integrated through its SMA."""
    inventory = {name_key(host) for host in settings}
    for host, wanted in settings.items():
        sma = wanted.managed_by_sma
        if sma:
            where = "which is in this play" if name_key(sma) in inventory else "which is not in this play"
            fix = "remove the ESA from the play and onboard its SMA; the ESA is integrated only through that SMA."
            yield Problem(Kind.MANAGED, "esa_ctr_managed_by_sma", f"is {sma}, {where}", fix, (host,))
        elif wanted.hosted:
            fix = "remove the ESA from the play, onboard its SMA, and set esa_ctr_managed_by_sma to that SMA."
            yield Problem(Kind.MANAGED, "esa_ctr_hosted", "is true (CES)", fix, (host,))


def smas_elsewhere(settings: Mapping[str, Wanted]) -> dict[str, list[str]]:
    """Return, by region, the SMAs that manage an ESA of the play but are not in the play."""
    inventory = {name_key(host) for host in settings}
    found: dict[str, dict[str, str]] = {}
    for wanted in settings.values():
        sma, region = wanted.managed_by_sma, wanted.region
        if sma and name_key(sma) not in inventory and region in all_regions():
            found.setdefault(region, {}).setdefault(name_key(sma), sma)
    return {region: list(names.values()) for region, names in found.items()}


def sma_problems(elsewhere: Mapping[str, list[str]], devices: Mapping[str, DevicesReading]) -> list[Problem]:
    """Return a problem for each of these SMAs that shows whether it is registered in SSE."""
    problems = []
    for region, names in elsewhere.items():
        reading = devices.get(region, DevicesReading())
        for name in names:
            if reading.failure is not None:
                text = f"not known whether it is registered in {region}: {reading.failure.message}"
                fix = "check the SSE portal, or rerun when the region answers."
            elif any(device.registered for device in reading.book.alike(name)):
                text, fix = (
                    f"registered in {region}",
                    "remove its ESAs from the play; they are integrated through this SMA.",
                )
            else:
                text = f"neither in the play nor registered in {region}"
                fix = "onboard this SMA; its ESAs are integrated through it."
            problems.append(Problem(Kind.MANAGED, name, text, fix))
    return problems


def regions_in_use(settings: Mapping[str, Wanted]) -> list[str]:
    """Return the regions of these hosts, in the order of the table of regions."""
    used = {wanted.region for wanted in settings.values()}
    return [name for name in all_regions() if name in used]


def regions_to_read(
    settings: Mapping[str, Wanted],
    accounts: Mapping[str, tuple[str, Mapping[str, Any]]],
    environment: Mapping[str, str],
    managed: bool = False,
) -> list[str]:
    """Return the regions whose devices are read: all with an account, or if ``managed`` only those of SMAs.

    Unused regions are included, because the run reports devices of the same name in other regions. ``managed`` means that
    the play stops because of ESAs that an SMA manages.
    """
    used = regions_in_use(settings)
    with_account = [
        name
        for name in all_regions()
        # The account of the environment applies only to regions in use.
        if not list(_account_problems(name, accounts, environment if name in used else {}))
    ]
    return [name for name in with_account if name in smas_elsewhere(settings)] if managed else with_account


def _account_problems(
    region: str, accounts: Mapping[str, tuple[str, Mapping[str, Any]]], environment: Mapping[str, str]
) -> Iterator[Problem]:
    name, account = accounts.get(region, (region, {}))
    for key, variable in ENVIRONMENT.items():
        if not account.get(key) and not environment.get(variable):
            yield Problem(
                Kind.REGION,
                f"esa_ctr_regions.{name}.{key}",
                f"not set, but appliances of the play are in {region}",
                f"set it (in a vault), or set {variable} in the environment.",
            )
    api_url = account.get("api_url")
    owner = region_of_api(api_url) if isinstance(api_url, str) else None
    if owner is not None and owner.name != region:
        yield Problem(
            Kind.REGION,
            f"esa_ctr_regions.{name}.api_url",
            f"{owner.api_url} is the address of the region {owner.name}",
            f"remove the key, or set it to {all_regions()[region].api_url}.",
        )


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int, float)) and value not in ("", False) else None
