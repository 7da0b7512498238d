# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Add, update and delete modules in CTR, and report in the order given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Change, Meanwhile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import ItemRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.outcome import failed_items, failed_result
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import DeviceIndex, list_devices, name_key
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import Device
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.write_once import NOT_FOUND, Deletion, write_once
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, Refused
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import shown
from ansible_collections.emailsec.ctr.plugins.module_utils._task import Task

from .manual_work import instructions_to_add, instructions_to_remove
from .module_instances import (
    Instance,
    are_duplicates,
    create_instance,
    delete_instance,
    identity,
    list_instances,
    oldest_first,
    update_instance,
)
from .module_orphans import found_instances, orphans, shared_devices
from .region_inventory import RegionInventory
from .wanted_modules import WantedModule, wanted_modules

DEVICE_REFUSED = (400, 404, 409, 422)
"""Statuses with which the API may refuse a module because its device is no longer registered (inferred)."""
NONE, CREATED, UPDATED, DELETED, FAILED = "none", "created", "updated", "deleted", "failed"
BY_HAND = "by_hand"


def ensure_modules(task: Task, client: IrohClient) -> dict[str, Any]:
    """Make each requested module present or absent. Report completed changes even if a later step fails."""
    options = task.params
    wanted = wanted_modules(options)
    inventory = RegionInventory(client, options, task.warn)
    run = _ModuleChanges(client, options, inventory, wanted, write=not task.check_mode)
    if wanted or options["list_orphans"]:
        inventory.read(wanted)
        run.process_all({"present": run.ensure_present, "absent": run.ensure_absent}[options["state"]])
        run.remove_own_duplicates(task.warn)
    change = Change(f"modules in {client.region.label}", run.before, run.after)
    left = run.modules_after()
    result = {
        "changed": change.changed or client.writes > 0,
        "diff": change.diff(),
        "modules": run.rows,
        "module_types": [
            {"product": product, "id": one.id, "title": one.title, "devices_offered": one.devices_offered}
            for product, one in sorted(inventory.types.items())
        ],
        "instances": found_instances(inventory.instances) if options["list_orphans"] else None,
        "orphans": orphans(left, inventory.device_index)
        if options["list_orphans"] and inventory.devices_readable
        else None,
        "duplicates": shared_devices(left, inventory.device_index) if options["list_orphans"] else None,
    }
    return failed_result(result, run.failures, "module", len(wanted), run.first_error)


class _ModuleChanges:
    """The outcome of each module. ``inventory`` is the state before the task."""

    def __init__(
        self,
        client: IrohClient,
        options: dict[str, Any],
        inventory: RegionInventory,
        wanted: list[WantedModule],
        *,
        write: bool,
    ) -> None:
        self.client = client
        self.present = options["state"] == "present"
        self.inventory = inventory
        self.wanted = wanted
        self.write = write
        self.assumed = set() if write else {name_key(name) for name in options["assumed_devices"]}
        self.name_by_device: dict[tuple[str, str], str | None] = {}
        self.names: dict[str, set[str | None]] = {}
        for one in wanted:
            self.names.setdefault(one.product, set()).add(one.name)
        self.rows: list[dict[str, Any]] = []
        self.failures: list[tuple[str, str]] = []
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.created: list[tuple[str, Instance]] = []
        self.created_ids: list[tuple[WantedModule, str]] = []
        """Modules that this task certainly created, with their ids."""
        self.state_after: dict[str, Instance | None] = {}
        self.first_error: ApiError | None = None
        self.meanwhile: dict[WantedModule, Meanwhile] = {}
        self.devices_now: DeviceIndex | None = None

    def process_all(self, ensure: Callable[[WantedModule], None]) -> None:
        """Process each module. Continue after an error that concerns one module only."""
        for one, error, why in failed_items(self.wanted, ensure):
            self.first_error = self.first_error or error
            self._failed(one, why)

    def modules_after(self) -> list[tuple[str, Instance]]:
        """Return the modules after this task, with their products. In check mode, return the predicted modules."""
        there = [(product, self.state_after.get(one.id, one)) for product, one in self.inventory.instances]
        return [(product, one) for product, one in there if one is not None] + self.created

    def ensure_present(self, one: WantedModule) -> None:
        """Add the module, or update it if it differs. Find it by its name or else by its device."""
        if self._cannot_resolve_device(one):
            self._ensure_without_device(one)
            return
        device_id = self._device_id(one)
        if device_id is not None:
            other = self.name_by_device.setdefault((one.product, device_id.lower()), one.name)
            if other != one.name:
                raise ItemRefused(
                    f"two entries of modules have device {one.device}: {other} and {one.name}", fix="remove one of them"
                )
        alike = self._instances_for(one, device_id)
        if not alike:
            self._create(one, device_id)
            return
        found, *duplicates = alike
        changes = _differences(found, one)
        # In check mode, the device may not exist yet: then it differs from every existing device.
        if device_id is None or (found.device_id or "").lower() != device_id.lower():
            changes["device_id"] = device_id
        self._update(one, found, changes, duplicates)

    def ensure_absent(self, one: WantedModule) -> None:
        """Delete the modules with this id, name or device, if they exist."""
        if self._cannot_resolve_device(one):
            if (one.id or one.name) and not self._of_id_or_name(one):
                self._report(one, NONE)
            else:
                self._report(one, BY_HAND, by_hand=instructions_to_remove(one, self.client.region))
            return
        to_remove = self._modules_to_remove(one)
        for instance in to_remove:
            gone = self.write and delete_instance(self.client, instance.id) is Deletion.GONE
            self.state_after[instance.id] = None
            if gone:
                self.meanwhile[one] = Meanwhile.MODULE_DELETED
            else:
                self._record(one, instance, None)
            self._report(one, NONE if gone else DELETED, instance)
        if not to_remove:
            self._report(one, NONE)

    def _cannot_resolve_device(self, one: WantedModule) -> bool:
        """Return whether the device is given by name, and the API client cannot read devices to find its id."""
        return not self.inventory.devices_readable and one.device is not None and not self.inventory.is_id(one.device)

    def _ensure_without_device(self, one: WantedModule) -> None:
        """Update a module without its device, or, if the module is missing, report the manual steps."""
        named = self._of_name(one)
        if named:
            self._update(one, named[0], _differences(named[0], one), named[1:])
        else:
            title = self.inventory.types[one.product].title
            self._report(one, BY_HAND, by_hand=instructions_to_add(one, title, self.client.region))

    def _create(self, one: WantedModule, device_id: str | None) -> None:
        created_id = self._create_once(one, device_id) if self.write and device_id else None
        after = Instance(created_id or "", one.name or "", one.enabled, device_id, one.days, {})
        if device_id is not None:
            self.created.append((one.product, after))
        self._record(one, None, after)
        self._report(one, CREATED, module_id=created_id, device_id=device_id)

    def _update(self, one: WantedModule, found: Instance, changes: dict[str, Any], duplicates: list[Instance]) -> None:
        """Change a module, and remove its duplicates, which simultaneous runs created."""
        if not changes and not duplicates:
            self._report(one, NONE, found)
            return
        if self.write and changes:
            self._write_changes(one, found, changes)
        after = replace(found, **changes)
        # In check mode, the device may not exist yet: the module is not orphaned.
        device_not_yet_added = "device_id" in changes and after.device_id is None
        self.state_after[found.id] = None if device_not_yet_added else after
        self._record(one, found, after)
        for duplicate in duplicates:
            if self.write:
                delete_instance(self.client, duplicate.id)
            self.state_after[duplicate.id] = None
            self._record(one, duplicate, None)
        self._report(one, UPDATED, found, device_id=after.device_id)

    def _write_changes(self, one: WantedModule, found: Instance, changes: dict[str, Any]) -> None:
        try:
            update_instance(self.client, self.inventory.types[one.product], found, changes)
        except Refused as error:
            if error.http_status == NOT_FOUND:
                self.meanwhile[one] = Meanwhile.MODULE_DELETED
            raise

    def _refuse_changed_device(self, one: WantedModule, device_id: str) -> None:
        """Raise ItemRefused if the device of a refused module has been deregistered or deleted since it was read."""
        if self.devices_now is None:
            self.devices_now = DeviceIndex(list_devices(self.client))
        device = self.devices_now.by_id(device_id)
        if device is not None and device.registered:
            return
        self.meanwhile[one] = Meanwhile.DEREGISTERED if device else Meanwhile.RECORD_DELETED
        state = f'now has the status "{device.status}"' if device else "no longer exists"
        raise ItemRefused(
            f"device {one.device} {state} in SSE", fix="rerun; the next run reads the current state before it writes"
        )

    def _modules_to_remove(self, one: WantedModule) -> list[Instance]:
        """Return the modules to remove. Raise ItemRefused if the selection is ambiguous."""
        if not (one.id or one.name):
            return self._of_device(one)
        found = self._of_id_or_name(one)
        if one.device:
            of_device = [known for known in found if self._may_belong_to(known, one.device)]
            if one.id and len(of_device) < len(found):
                raise ItemRefused(
                    f"module {found[0].name} ({one.id}) does not belong to device {one.device}",
                    fix="correct id or device",
                )
            found = of_device
        if len(found) > 1 and not are_duplicates(found):
            raise _two_of_a_name(
                one, found, "set device or id to select one of them, or delete the unwanted module in CTR"
            )
        return found

    def _of_id_or_name(self, one: WantedModule) -> list[Instance]:
        """Return the modules with this id, or else with this name. Raise ItemRefused if the id does not match."""
        if not one.id:
            return self._not_deleted(self.inventory.named(one.product, one.name))
        found = self.inventory.with_id(one.id)
        if found is None:
            return []
        product, instance = found
        if product != one.product:
            raise ItemRefused(
                f"module {instance.name} ({one.id}) has the product {product}, not {one.product}",
                fix="correct id or product",
            )
        if one.name and one.name != instance.name:
            raise ItemRefused(f"module {one.id} has the name {instance.name}, not {one.name}", fix="correct id or name")
        return self._not_deleted([instance])

    def _of_device(self, one: WantedModule) -> list[Instance]:
        asked = one.device or ""
        device_id: str | None = asked
        if not self.inventory.is_id(asked):
            device = self.inventory.device_index.by_name(asked, fix="set device to the id of one of them")
            device_id = device.id if device else None
        return self._not_deleted(self.inventory.of_device(one.product, device_id)) if device_id else []

    def _not_deleted(self, instances: list[Instance]) -> list[Instance]:
        return [one for one in instances if self.state_after.get(one.id, one) is not None]

    def _may_belong_to(self, instance: Instance, device: str) -> bool:
        """Return whether an instance belongs to this device (name or id), or to a device that no longer exists."""
        if self.inventory.is_id(device):
            return (instance.device_id or "").lower() == device.lower()
        known = self.inventory.device_index.by_id(instance.device_id)
        if known is None:
            return not self.inventory.device_index.named(device)
        return name_key(known.name) == name_key(device)

    def _device_id(self, one: WantedModule) -> str | None:
        """Return the id of the device, or None in check mode for an assumed device. Raise ItemRefused."""
        if not self.inventory.devices_readable:
            return one.device
        device = self._registered_device(one)
        return device.id if device else None

    def _registered_device(self, one: WantedModule) -> Device | None:
        """Return the device of a module, or None in check mode for an assumed device. Raise ItemRefused."""
        asked = one.device or ""
        device = self.inventory.device_index.by_id(asked) or self.inventory.device_index.by_name(asked)
        if device is not None and device.registered:
            return device
        if name_key(asked) in self.assumed or (device is not None and name_key(device.name) in self.assumed):
            return device
        portal = self.client.region.portal_url
        state = f'has the status "{device.status}" in SSE' if device else "is not in SSE"
        raise ItemRefused(
            f"device {asked} {state}; a module requires a registered device in {self.client.region.label}",
            fix="register the appliance in this region first. If the appliance is registered but not listed, enable "
            f"CTR in the Cloud Services tab of SSE ({portal}).",
        )

    def _instances_for(self, one: WantedModule, device_id: str | None) -> list[Instance]:
        """Return the instance to update, and its duplicates: those with this name, or else those of this device whose
        name is not requested. Raise ItemRefused if they differ.
        """
        named = self._of_name(one)
        if named or device_id is None:
            return named
        of_device = [
            instance
            for instance in self.inventory.of_device(one.product, device_id)
            if instance.name not in self.names[one.product]
        ]
        if len(of_device) > 1 and not are_duplicates(of_device):
            names = ", ".join(f"{instance.name} ({instance.id})" for instance in of_device)
            raise ItemRefused(
                f"device {one.device} has {len(of_device)} modules with other names: {names}",
                fix="delete the unwanted modules under Modules in CTR",
            )
        return oldest_first(of_device)

    def _of_name(self, one: WantedModule) -> list[Instance]:
        """Return the modules with this name, oldest first. Raise ItemRefused if they differ."""
        named = self.inventory.named(one.product, one.name)
        if len(named) > 1 and not are_duplicates(named):
            raise _two_of_a_name(one, named, "delete the unwanted module under Modules in CTR")
        return oldest_first(named)

    def remove_own_duplicates(self, warn: Callable[[str], None]) -> None:
        """Reread the modules after a creation, and remove a created module if another run created the same one earlier.

        All runs keep the same module, the oldest. Each run removes only modules that it created.
        """
        for product in sorted({one.product for one, _id in self.created_ids}):
            try:
                there = list_instances(self.client, self.inventory.types[product])
            except ApiError as error:
                warn(
                    f"{self.client.region.label}: the check for duplicate modules of another run failed: {error} "
                    "Rerun to remove duplicates."
                )
                continue
            kept = {identity(instance): instance for instance in reversed(oldest_first(there))}
            keys = {instance.id: identity(instance) for instance in there}
            for one, own_id in self.created_ids:
                if one.product == product and own_id in keys and kept[keys[own_id]].id != own_id:
                    self._remove_own_duplicate(one, own_id, kept[keys[own_id]], warn)

    def _remove_own_duplicate(
        self, one: WantedModule, own_id: str, kept: Instance, warn: Callable[[str], None]
    ) -> None:
        row = next(row for row in self.rows if row["id"] == own_id)
        try:
            delete_instance(self.client, own_id)
        except ApiError as error:
            self.first_error = self.first_error or error
            reason = f"another run also created this module ({kept.id}); the duplicate could not be removed: {error}"
            row.update(action=FAILED, error=reason)
            self.failures.append((one.label, reason))
            return
        row.update(action=NONE, id=kept.id, found=_shown(kept), meanwhile=Meanwhile.MODULE_ADDED.value)
        self.created = [(product, kept if made.id == own_id else made) for product, made in self.created]
        warn(
            shown(
                f"{self.client.region.label}: another run created the module {one.name} at the same time. The newer "
                f"module ({own_id}) was removed; {kept.id} was kept."
            )
        )

    def _create_once(self, one: WantedModule, device_id: str) -> str:
        def create() -> str:
            created_id = create_instance(
                self.client,
                self.inventory.types[one.product],
                name=one.name or "",
                device_id=device_id,
                days=one.days,
                enabled=one.enabled,
            ).id
            self.created_ids.append((one, created_id))
            return created_id

        try:
            return write_once(create, lambda: self._find_created(one, device_id))
        except Refused as error:
            if error.http_status in DEVICE_REFUSED and self.inventory.devices_readable:
                self._refuse_changed_device(one, device_id)
            raise

    def _find_created(self, one: WantedModule, device_id: str) -> str | None:
        made = [
            instance
            for instance in list_instances(self.client, self.inventory.types[one.product])
            if instance.name == one.name and instance.device_id == device_id
        ]
        return oldest_first(made)[0].id if made else None

    def _record(self, one: WantedModule, before: Instance | None, after: Instance | None) -> None:
        name = one.name or (before.name if before else "")
        shared = sum(name in names for names in self.names.values()) > 1
        heading = f"{name} ({one.product})" if shared else name
        if before is not None and heading in self.before:
            heading = f"{name} ({before.id})"
        self.before[heading] = _shown(before)
        self.after[heading] = _shown(after)

    def _failed(self, one: WantedModule, error: str) -> None:
        named = self.inventory.named(one.product, one.name)
        found = named[0] if len(named) == 1 and one.name else None
        self._report(one, FAILED, found, error=error)
        self.failures.append((one.label, error))

    def _report(
        self,
        one: WantedModule,
        action: str,
        found: Instance | None = None,
        *,
        module_id: str | None = None,
        device_id: str | None = None,
        error: str | None = None,
        by_hand: str | None = None,
    ) -> None:
        device_index = self.inventory.device_index
        if found is not None:
            module_id = found.id
            device_id = found.device_id if action in (NONE, DELETED) else device_id
        device = device_index.by_id(device_id)
        if device is None and one.device:
            named = device_index.named(one.device)
            device = device_index.by_id(one.device) or (named[0] if len(named) == 1 else None)
        given = None if one.device is None or self.inventory.is_id(one.device) else one.device
        self.rows.append(
            {
                "name": one.name or (found.name if found else None),
                "id": module_id,
                "device_id": device_id or (device.id if device else None),
                "device_name": device.name if device else given,
                "request_timeframe_days": one.days if self.present else None,
                "enabled": one.enabled if self.present else None,
                "action": action,
                "error": error,
                "by_hand": None if by_hand is None else shown(by_hand),
                "found": _shown(found),
                "meanwhile": self.meanwhile[one].value if one in self.meanwhile else None,
            }
        )


def _differences(found: Instance, one: WantedModule) -> dict[str, Any]:
    """Return the settings to change, without the device."""
    changes: dict[str, Any] = {}
    if found.name != one.name:
        changes["name"] = one.name
    if found.enabled != one.enabled:
        changes["enabled"] = one.enabled
    if found.days != one.days:
        changes["days"] = one.days
    return changes


def _shown(instance: Instance | None) -> dict[str, Any] | None:
    """Return the managed settings of an instance, for diffs and results."""
    if instance is None:
        return None
    return {
        "name": instance.name,
        "device_id": instance.device_id,
        "request_timeframe_days": instance.days,
        "enabled": instance.enabled,
    }


def _two_of_a_name(one: WantedModule, found: list[Instance], fix: str) -> ItemRefused:
    ids = ", ".join(f"{instance.id} (device {instance.device_id})" for instance in found)
    return ItemRefused(f"duplicate name: CTR has {len(found)} modules with the name {one.name}: {ids}", fix=fix)
