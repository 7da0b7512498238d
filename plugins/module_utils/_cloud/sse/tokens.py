# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Issue registration tokens for devices, and report in the order given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Change, Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import ItemRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.outcome import failed_items, failed_result
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import LIFETIMES, Device, Token
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.write_once import write_once
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, OptionRefused, Refused
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task
from ansible_collections.emailsec.ctr.plugins.module_utils._times import time_of

from .devices import DeviceIndex, add_device, issue_token, known_devices, list_devices, repeated_names
from .token_file import refuse_unwritable, save_tokens

CHANGED_MEANWHILE = (404, 409)
"""Statuses with which SSE refuses a device whose record another run deleted, added or registered."""
NONE, NEW_TOKEN, ADDED, FAILED = "none", "new_token", "added", "failed"


def issue_tokens(task: Task, client: IrohClient) -> dict[str, Any]:
    """Issue a token for each unregistered device. Report issued tokens even if a later step fails."""
    names = [name.strip() for name in task.params["devices"]]
    refuse_names(names)
    dest = task.params["dest"]
    if dest:
        refuse_unwritable(dest)
    run = _TokenIssue(client, LIFETIMES[task.params["lifetime"]], issue=not task.check_mode)
    known = None
    if task.params["known_devices"] is not None:
        known = known_devices(task.params["known_devices"], client.region.name)
    if names:
        run.process_all(names, DeviceIndex(list_devices(client) if known is None else known))
    unsaved = None
    if dest and run.tokens:
        unsaved = save_tokens(dest, [{**token, "region": client.region.name} for token in run.tokens])
    change = Change(f"registration tokens in {client.region.label}", run.before, run.after)
    result = {
        "changed": change.changed or client.writes > 0,
        "diff": change.diff(),
        "devices": run.devices,
        "tokens": run.tokens,
        "dest": dest,
    }
    failures = [(row["name"], row["error"]) for row in run.devices if row["error"]]
    if unsaved:
        failures.append(("dest", unsaved))
    return failed_result(result, failures, "device", len(names), run.first_error)


@dataclass(frozen=True)
class NewToken:
    """The token of a device, or None if the device is registered. ``meanwhile``: how its record differs from ``old_id``."""

    token: str | None
    meanwhile: Meanwhile


def replace_token(
    client: IrohClient, name: str, lifetime: str, old_id: str | None, expires_at: str | None = None
) -> NewToken:
    """Read the devices again, and issue a new token in place of one that the device ``old_id`` got. Raise ApiError.

    ``expires_at`` of the old token is compared with the clock of the API.
    """
    run = _TokenIssue(client, LIFETIMES[lifetime], issue=True)
    run.process_all([name], DeviceIndex(list_devices(client)))
    (row,) = run.devices
    if row["error"]:
        raise run.first_error or ItemRefused(row["error"])
    if row["action"] == NONE:
        return NewToken(None, Meanwhile.REGISTERED)
    meanwhile = Meanwhile.TOKEN_EXPIRED if _expired(expires_at, client.date) else Meanwhile.TOKEN_REPLACED
    kept = old_id is None or row["id"] == old_id
    return NewToken(str(run.tokens[0]["token"]), meanwhile if kept else Meanwhile.RECORD_DELETED)


def _expired(expires_at: str | None, now: datetime | None) -> bool:
    expires = time_of(expires_at)
    return expires is not None and now is not None and expires <= now


def token_action(name: str, device_index: DeviceIndex, region: Region) -> tuple[str, Device | None]:
    """Return the action that gives this device a token (NONE, ADDED or NEW_TOKEN), and its record or None.

    Raise ItemRefused for a duplicate name or an unknown status.
    """
    device = device_index.by_name(name)
    if device is None:
        return ADDED, None
    if device.registered:
        return NONE, device
    if device.awaits_token:
        return NEW_TOKEN, device
    raise ItemRefused(
        f'device {device.id} has the status "{device.status}"; it is neither registered nor waiting for a token',
        fix=f"check the device under Devices in the SSE portal ({region.portal_url}). If the status is a usual word, "
        f"{RUN_PROBE}",
    )


def refuse_names(names: list[str]) -> None:
    """Raise OptionRefused for an empty name and for repeated names."""
    if any(not name for name in names):
        raise OptionRefused("devices contains an empty name", fix="remove the empty entry")
    twice = repeated_names(names)
    if twice:
        raise OptionRefused(
            f"devices repeats these names: {', '.join(twice)}",
            fix="give each appliance its own host name; names are not case-sensitive",
        )


def _meanwhile(before: Device | None, now: Device | None) -> Meanwhile | None:
    """Return how a record has changed between two readings, or None."""
    if now is not None and now.registered and not (before and before.registered):
        return Meanwhile.REGISTERED
    if before is None:
        return None if now is None else Meanwhile.RECORD_ADDED
    return Meanwhile.RECORD_DELETED if now is None or now.id != before.id else None


class _TokenIssue:
    """The outcome of each device."""

    def __init__(self, client: IrohClient, lifetime: int, *, issue: bool) -> None:
        self.client = client
        self.lifetime = lifetime
        self.issue = issue
        self.devices: list[dict[str, Any]] = []
        self.tokens: list[dict[str, Any]] = []
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.first_error: ApiError | None = None
        self.meanwhile: dict[str, Meanwhile | None] = {}

    def process_all(self, names: list[str], device_index: DeviceIndex) -> None:
        """Process each device. Continue after an error that concerns one device only.

        If SSE refuses a device because its record changed after the devices were read, read them again, and process the
        device once more.
        """
        known: dict[str, Device | None] = {}
        first = device_index

        def choose(name: str) -> str:
            action, known[name] = token_action(name, device_index, self.client.region)
            if device_index is not first:
                self.meanwhile[name] = _meanwhile(next(iter(first.named(name)), None), known[name])
            return action

        def process(name: str) -> None:
            nonlocal device_index
            action = choose(name)
            try:
                self._process(name, action, known[name])
            except Refused as error:
                if error.http_status not in CHANGED_MEANWHILE:
                    raise
                device_index = DeviceIndex(list_devices(self.client))
                before, action = known[name], choose(name)
                if _meanwhile(before, known[name]) is None:
                    raise
                self._process(name, action, known[name])

        for name, error, why in failed_items(names, process):
            self.first_error = self.first_error or error
            device = known.get(name)
            self._report(name, device.id if device else None, FAILED, why)

    def _process(self, name: str, action: str, device: Device | None) -> None:
        if device is None:
            token = None
            if self.issue:
                device, token = self._add(name)
            self._issued(name, None, device, token, action)
        elif action == NEW_TOKEN:
            self._issued(name, device, device, self._renew(device) if self.issue else None, action)
        else:
            self._report(name, device.id, action)

    def _add(self, name: str) -> tuple[Device, Token]:
        """Add a device. If the answer with its token is lost, issue a new token."""

        def reread() -> tuple[Device, Token] | None:
            device = DeviceIndex(list_devices(self.client)).by_name(name)
            return None if device is None else (device, issue_token(self.client, device.id, self.lifetime))

        return write_once(lambda: add_device(self.client, name, self.lifetime), reread)

    def _renew(self, device: Device) -> Token:
        """Issue a new token. After a lost answer, retry only if the device still waits for a token."""

        def reread() -> None:
            now = DeviceIndex(list_devices(self.client)).by_id(device.id)
            if now is None or not now.awaits_token:
                state = f'has the status "{now.status}"' if now else "no longer exists"
                raise ItemRefused(
                    f"the answer with the token was lost; the device now {state}",
                    fix="rerun; the next run reads the current state before it writes",
                )

        return write_once(lambda: issue_token(self.client, device.id, self.lifetime), reread)

    def _issued(self, name: str, old: Device | None, new: Device | None, token: Token | None, action: str) -> None:
        device_id = new.id if new else None
        self.before[name] = {"status": old.status if old else "absent", "token": "unchanged"}
        self.after[name] = {"status": old.status if old else "pending", "token": "issued"}
        if token is not None:
            self.tokens.append(
                {"name": name, "device_id": device_id, "token": token.token, "expires_at": token.expires_at}
            )
        self._report(name, device_id, action)

    def _report(self, name: str, device_id: str | None, action: str, error: str | None = None) -> None:
        meanwhile = self.meanwhile.get(name)
        self.devices.append(
            {
                "name": name,
                "id": device_id,
                "action": action,
                "error": error,
                "meanwhile": meanwhile.value if meanwhile else None,
            }
        )
