# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Add, update and delete device records in SSE, and report in the order given."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Change, Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import ItemRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.outcome import failed_items, failed_result
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.write_once import Deletion, write_once
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, OptionRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

from .devices import DeviceIndex, add_record, delete_device, describe_device, known_devices, list_devices
from .waiting import pause
from .wanted_records import WantedRecord, wanted_records

NONE, CREATED, UPDATED, DELETED, FAILED = "none", "created", "updated", "deleted", "failed"


def ensure_records(task: Task, client: IrohClient) -> dict[str, Any]:
    """Make each requested record present or absent. Report completed changes even if a later step fails."""
    options = task.params
    wanted = wanted_records(options)
    if fault := seconds_fault(options, "wait_timeout", "wait_interval"):
        raise OptionRefused(fault[0], fix=fault[1])
    known = None
    if options["known_devices"] is not None:
        known = known_devices(options["known_devices"], client.region.name)
    run = _RecordChanges(client, options, write=not task.check_mode)
    if wanted:
        run.device_index = DeviceIndex(list_devices(client) if known is None else known)
        ensure = {"present": run.ensure_present, "absent": run.ensure_absent}[options["state"]]
        run.process_all(wanted, ensure)
        run.wait_until_gone()
    change = Change(f"devices in {client.region.label}", run.before, run.after)
    result = {
        "changed": change.changed or client.writes > 0,
        "diff": change.diff(),
        "devices": [run.rows[one] for one in wanted],
    }
    failures = [(one.label, run.rows[one]["error"]) for one in wanted if run.rows[one]["error"]]
    return failed_result(result, failures, "device", len(wanted), run.first_error)


class _RecordChanges:
    """The current devices, and the outcome of each record."""

    def __init__(self, client: IrohClient, options: dict[str, Any], *, write: bool) -> None:
        self.client = client
        self.write = write
        self.types = {kind.casefold() for kind in options["types"]}
        self.shown_types = ", ".join(options["types"])
        self.allow_registered: bool = options["allow_registered"]
        """Whether records of registered devices may be deleted unless an entry says that its device was not registered."""
        self.timeout: float = options["wait_timeout"]
        self.interval: float = options["wait_interval"]
        self.device_index = DeviceIndex([])
        self.wanted_by_id: dict[str, WantedRecord] = {}
        self.deletions_in_progress: dict[WantedRecord, Device] = {}
        self.rows: dict[WantedRecord, dict[str, Any]] = {}
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.first_error: ApiError | None = None

    def process_all(self, wanted: list[WantedRecord], ensure: Callable[[WantedRecord], None]) -> None:
        """Process each record. Continue after an error that concerns one record only."""
        for one, error, why in failed_items(wanted, ensure):
            self.first_error = self.first_error or error
            self._report(one, self._known(one) if error else None, FAILED, why)

    def ensure_present(self, one: WantedRecord) -> None:
        """Add the record if it is missing. Update its description if that differs."""
        device = self._record_of(one, self.device_index)
        if device is not None:
            self._update_description(one, device)
            return
        if one.id:
            raise ItemRefused(
                f"SSE has no device with the id {one.id}",
                fix="set name instead of id; SSE assigns the id of a new record",
            )
        if self.write:
            device = self._add(one)
        self._changed(one, None, {"name": one.name, "description": one.description or None})
        self._report(one, None, CREATED, device_id=device.id if device else None)

    def ensure_absent(self, one: WantedRecord) -> None:
        """Delete the record if it exists. Refuse a record that may be in use."""
        device = self._record_of(one, self.device_index)
        if device is None:
            self._report(one, None, NONE)
            return
        try:
            self._refuse_in_use(one, device)
        except ItemRefused as error:
            expected = self.allow_registered and not one.allow_registered and device.registered
            self._failed(one, device, error, Meanwhile.REGISTERED if expected else None)
            return
        deletion = self._delete(one, device) if self.write else Deletion.DONE
        if deletion is Deletion.LATER:
            self.deletions_in_progress[one] = device
        elif deletion is Deletion.GONE:
            self._report(one, device, NONE, meanwhile=Meanwhile.RECORD_DELETED)
        else:
            self._deletion_finished(one, device)

    def wait_until_gone(self) -> None:
        """Wait for deletions that SSE completes later. Read the list once per interval for all records."""
        ends = time.monotonic() + self.timeout
        while self.deletions_in_progress:
            pause(self.interval, ends)
            try:
                device_index = DeviceIndex(list_devices(self.client))
            except ApiError as error:
                self.first_error = self.first_error or error
                for one, device in self.deletions_in_progress.items():
                    reason = f"SSE accepted the deletion, but its completion could not be checked: {error}"
                    self._report(one, device, FAILED, reason)
                return
            for one, device in list(self.deletions_in_progress.items()):
                if device_index.by_id(device.id) is None:
                    del self.deletions_in_progress[one]
                    self._deletion_finished(one, device)
            if self.deletions_in_progress and time.monotonic() >= ends:
                for one, device in self.deletions_in_progress.items():
                    self._failed(one, device_index.by_id(device.id), self._timed_out(device))
                return

    def _record_of(self, one: WantedRecord, device_index: DeviceIndex) -> Device | None:
        """Return the device of the record, or None. Raise ItemRefused if the name is a duplicate or does not match."""
        if one.id:
            device = device_index.by_id(one.id)
            if device is not None and one.name and device not in device_index.named(one.name):
                raise ItemRefused(
                    f"device {one.id} has the name {device.name}, not {one.name}", fix="correct name or id"
                )
        else:
            device = device_index.by_name(one.name or "", fix="set id to select one of them")
        if device is not None:
            other = self.wanted_by_id.setdefault(device.id, one)
            if other is not one:
                raise ItemRefused(
                    f"two entries of devices select device {device.name} ({device.id}), by name and by id",
                    fix="remove one of the two entries",
                )
        return device

    def _known(self, one: WantedRecord) -> Device | None:
        named = self.device_index.named(one.name) if one.name and not one.id else []
        return self.device_index.by_id(one.id) or (named[0] if len(named) == 1 else None)

    def _update_description(self, one: WantedRecord, device: Device) -> None:
        description = one.description
        if description is None or description == (device.description or ""):
            self._report(one, device, NONE)
            return
        if self.write:
            describe_device(self.client, device.id, description)
        self._changed(one, device, {"name": device.name, "description": description or None})
        self._report(one, device, UPDATED)

    def _add(self, one: WantedRecord) -> Device:
        name = one.name or ""

        def reread() -> Device | None:
            device = DeviceIndex(list_devices(self.client)).by_name(name)
            if device and one.description is not None and one.description != (device.description or ""):
                describe_device(self.client, device.id, one.description)
            return device

        # The list may be older than the record.
        return write_once(lambda: add_record(self.client, name, one.description), reread, may_be_done=True)

    def _refuse_in_use(self, one: WantedRecord, device: Device) -> None:
        if device.type and device.type.casefold() not in self.types:
            raise ItemRefused(
                f"device {device.name} ({device.id}) has the type {device.type}; types permits only {self.shown_types}",
                fix="if the record is to be deleted, add its type to types",
            )
        if not device.awaits_token and not one.allow_registered:
            status = "is registered" if device.registered else f'has the status "{device.status}", and may be in use'
            raise ItemRefused(
                f"device {device.name} ({device.id}) {status}",
                fix="deregister the appliance first (emailsec.ctr.esa_cloud_service with state: unregistered). If the "
                "appliance no longer exists, set allow_registered: true.",
            )

    def _delete(self, one: WantedRecord, device: Device) -> Deletion:
        """Delete the record. After a lost answer, retry only if deletion is still permitted."""

        def reread() -> Deletion | None:
            now = DeviceIndex(list_devices(self.client)).by_id(device.id)
            if now is not None:
                self._refuse_in_use(one, now)
            return Deletion.DONE if now is None else None

        return write_once(lambda: delete_device(self.client, device.id), reread)

    def _timed_out(self, device: Device) -> ApiError:
        return ItemRefused(
            f"SSE accepted the deletion of device {device.name} ({device.id}), but still lists it after "
            f"{self.timeout:g} s",
            fix=f"rerun later, raise wait_timeout, or check Devices in the SSE portal ({self.client.region.portal_url})",
        )

    def _deletion_finished(self, one: WantedRecord, device: Device) -> None:
        self._changed(one, device, None)
        self._report(one, device, DELETED)

    def _changed(self, one: WantedRecord, before: Device | None, after: dict[str, Any] | None) -> None:
        heading = f"{before.name} ({before.id})" if before and one.id else one.label
        self.before[heading] = None
        if before is not None:
            self.before[heading] = {"name": before.name, "description": before.description or None}
        self.after[heading] = after

    def _failed(
        self, one: WantedRecord, device: Device | None, error: ApiError, meanwhile: Meanwhile | None = None
    ) -> None:
        self.first_error = self.first_error or error
        self._report(one, device, FAILED, str(error), meanwhile=meanwhile)

    def _report(
        self,
        one: WantedRecord,
        device: Device | None,
        action: str,
        error: str | None = None,
        *,
        device_id: str | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> None:
        self.rows[one] = {
            "name": one.name or (device.name if device else None),
            "id": device.id if device else device_id or one.id,
            "type": device.type if device else None,
            "status": device.status if device else None,
            "action": action,
            "error": error,
            "meanwhile": meanwhile.value if meanwhile else None,
        }
