# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events of the devices in Security Services Exchange (SSE), for Event-Driven Ansible.

The source reads the devices of each region at an interval, and emits what has changed since the last reading. It keeps what it
read in a file, so that it also notices what changed while it was not running. The first reading emits nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# ansible-rulebook runs this file alone: make the collection that contains it importable.
sys.path.append(str(Path(__file__).absolute().parents[7]))

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import client_of_account, know_accounts
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.changes import (
    KEPT,
    changes,
    kept,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import list_devices
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._files import PRIVATE, write_atomically
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import all_regions, canonical_region
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN

DOCUMENTATION = r"""
---
short_description: Events of the devices in Security Services Exchange (SSE)
description:
  - Reads the devices of each region at an interval, and emits an event for each change since the last reading.
  - The types of events are C(new), C(registered), C(dropped_off) (no longer registered), C(removed) and C(version_changed).
  - An event has C(type), C(region), C(host), C(device) and C(previous). C(host) is the name of the device, or null if the name
    cannot be used as a host pattern.
  - The first reading emits nothing. A region that cannot be read is logged, and emits nothing.
  - Each reading costs one request for each 1,000 devices. If less than C(quota_reserve) percent of the quota of the organization
    is left, the source waits for C(quota_pause) seconds.
options:
  regions:
    description: The account of each region, with the keys of C(esa_ctr_regions). Without credentials, CTR_CLIENT_ID and
      CTR_CLIENT_PASSWORD of the environment are used.
    type: dict
    required: true
  interval:
    description: Seconds between two readings, at least 1.
    type: float
    default: 300
  state_file:
    description: File that keeps the last reading. An event that was not delivered before a stop is emitted again.
    type: str
    required: true
  quota_reserve:
    description: Percentage of the quota that other clients keep.
    type: float
    default: 20
  quota_pause:
    description: Seconds to wait if the reserve is reached.
    type: float
    default: 900
"""

EXAMPLES = r"""
- emailsec.ctr.sse_devices:
    regions:
      europe:
        client_id: "{{ EUROPE_CLIENT_ID }}"
        client_password: "{{ EUROPE_CLIENT_PASSWORD }}"
    interval: 300
    state_file: /var/lib/emailsec-ctr/sse-devices.json
"""

SCHEMA_VERSION = 1
OPTIONS = ("regions", "interval", "state_file", "quota_reserve", "quota_pause")
OF_ANSIBLE_RULEBOOK = ("name",)
LOG = logging.getLogger("emailsec.ctr.sse_devices")

Known = dict[str, dict[str, Device]]
"""The last reading: by region, the devices by id. A region without a reading has no key."""


class WrongOption(ValueError):
    """An option is invalid. The message has the problem and the fix, and no secret."""


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Emit events until the source is cancelled. Raise WrongOption before the first reading."""
    accounts, interval = _accounts(args), _seconds(args, "interval", 300.0, least=1.0)
    reserve, pause = _seconds(args, "quota_reserve", 20.0), _seconds(args, "quota_pause", 900.0)
    unknown = sorted(set(args) - {*OPTIONS, *OF_ANSIBLE_RULEBOOK})
    if unknown:
        raise WrongOption(f"sse_devices: unknown option {unknown[0]}. Fix: use {', '.join(OPTIONS)}.")
    state_file = str(args.get("state_file") or "")
    if not state_file:
        raise WrongOption("sse_devices: state_file is not set. Fix: set the path of a file that the source may write.")
    know_accounts(accounts, os.environ)
    known = load(state_file)
    due = dict.fromkeys(accounts, 0.0)
    while True:
        for region, account in accounts.items():
            if time.monotonic() < due[region]:
                continue
            devices, quota_left = await asyncio.to_thread(_read, region, account)
            due[region] = time.monotonic() + (pause if quota_left is not None and quota_left < reserve else 0.0)
            if devices is None:
                continue
            if region in known:
                for change in changes(region, known[region], devices):
                    LOG.info("%s: %s", region, change.kind.value)
                    await queue.put(change.event())
            else:
                LOG.info("%s: first reading, %d devices", region, len(devices))
            known[region] = {device.id: device for device in devices}
            save(state_file, known)
        await asyncio.sleep(interval)


def load(path: str) -> Known:
    """Return the last reading in the state file; nothing without a file. Raise WrongOption for a damaged file."""
    problem = ""
    try:
        text = Path(path).expanduser().read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read ({error.__class__.__name__})"
    else:
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
            document = json.loads(text)
            if document["schema_version"] == SCHEMA_VERSION:
                regions = document["regions"].items()
                return {str(region): {one["id"]: _device(one) for one in found} for region, found in regions}
        problem = "is damaged, or of another release"
    raise WrongOption(
        f"sse_devices: the state_file {path} {problem}. Fix: correct or delete it; the next reading is then the first."
    )


def save(path: str, known: Known) -> None:
    """Replace the state file in one step; only its owner can read it. Raise WrongOption."""
    regions = {region: [kept(device) for device in devices.values()] for region, devices in known.items()}
    problem = ""
    try:
        write_atomically(path, json.dumps({"schema_version": SCHEMA_VERSION, "regions": regions}) + "\n", PRIVATE)
    except OSError as error:
        problem = error.strerror or error.__class__.__name__
    if problem:
        raise WrongOption(f"sse_devices: the state_file {path} cannot be written ({problem}). Fix: set another path.")


def _device(record: Mapping[str, Any]) -> Device:
    values = {name: record[name] for name in KEPT}
    if not all(isinstance(values[name], str) for name in ("id", "name", "status")):
        raise ValueError("not a device")
    return Device(**values)


def _read(region: str, account: Mapping[str, Any]) -> tuple[list[Device] | None, float | None]:
    """Return the devices of a region, or None if it cannot be read, and the percentage of the quota that is left, if known."""
    try:
        with client_of_account(region, account, os.environ) as client:
            devices = OF_RUN.mask_data(list_devices(client))
            limit, remaining = client.quota.get("limit"), client.quota.get("remaining")
    except ApiError as error:
        LOG.warning("%s", error)
        return None, None
    return devices, 100.0 * remaining / limit if limit and remaining is not None else None


def _accounts(args: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    given = args.get("regions")
    if not isinstance(given, Mapping) or not given:
        raise WrongOption("sse_devices: regions is empty. Fix: set the account of each region, by its name.")
    accounts = {}
    for name, account in given.items():
        region = canonical_region(str(name))
        if region is None or region in accounts:
            raise WrongOption(
                f"sse_devices: regions.{name} is not a region, or a second account. Fix: use {', '.join(all_regions())}."
            )
        if not isinstance(account, Mapping | None):
            raise WrongOption(f"sse_devices: regions.{name} is not a map. Fix: set client_id and client_password.")
        accounts[region] = dict(account or {})
    return accounts


def _seconds(args: Mapping[str, Any], name: str, default: float, least: float = 0.0) -> float:
    try:
        value = float(args.get(name, default))
    except (TypeError, ValueError):
        value = -1.0
    if not least <= value < float("inf"):
        raise WrongOption(f"sse_devices: {name} is not a number of at least {least:g}. Fix: correct it.")
    return value
