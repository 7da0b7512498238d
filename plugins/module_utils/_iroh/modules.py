# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. The modules of CTR for many devices: look, decide for each, write, report in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.emailsec.ctr.plugins.module_utils._change import Change
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.devices import (
    DeviceBook,
    list_devices,
    name_key,
    names_given_twice,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.errors import (
    AnswerLost,
    IrohError,
    ItemRefused,
    OptionRefused,
    concerns_one_item,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.module_instances import (
    Instance,
    create_instance,
    delete_instance,
    list_instances,
    update_instance,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.module_types import (
    ModuleType,
    find_module_type,
    list_module_types,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.outcome import failed_result
from ansible_collections.emailsec.ctr.plugins.module_utils._iroh.sse_fields import Device

NONE, CREATED, UPDATED, DELETED, FAILED = "none", "created", "updated", "deleted", "failed"
SHORTEST_TIMEFRAME, LONGEST_TIMEFRAME = 1, 365


@dataclass(frozen=True)
class Wanted:
    """One module as the task asks for it; ``device`` is the name or the id of an SSE device."""

    name: str
    device: str | None
    days: int
    enabled: bool
    product: str


def ensure_modules(module: AnsibleModule, client: IrohClient) -> dict[str, Any]:
    """Each wanted module present as asked, or absent; what was done is reported whatever happens after it."""
    options = module.params
    wanted = wanted_modules(options)
    run = _Run(client, options, write=not module.check_mode)
    if wanted:
        run.look(wanted)
        run.for_each(wanted, run.ensure_present if options["state"] == "present" else run.ensure_absent)
    change = Change(f"modules in {client.region.label}", run.before, run.after)
    result = {
        "changed": change.changed or client.writes > 0,
        "diff": change.diff(),
        "modules": run.rows,
        "module_types": [
            {"product": product, "id": one.id, "title": one.title} for product, one in sorted(run.types.items())
        ],
    }
    failures = [(row["name"], row["error"]) for row in run.rows if row["error"]]
    return failed_result(result, failures, "module", len(wanted), run.first_error)


def wanted_modules(options: dict[str, Any]) -> list[Wanted]:
    """The modules that the task asks for, in order. Raises OptionRefused for what contradicts itself."""
    items = options["modules"]
    if items is None:
        items = [{"name": options["name"], "device": options["device"]}]
    wanted = []
    for item in items:
        own = {key: value for key, value in item.items() if value is not None}
        settings = {**options, **own}
        wanted.append(
            Wanted(
                name=item["name"].strip(),
                device=(item.get("device") or "").strip() or None,
                days=settings["request_timeframe_days"],
                enabled=settings["enabled"],
                product=settings["product"],
            )
        )
    _refuse_contradictions(wanted, options)
    return wanted


def _refuse_contradictions(wanted: list[Wanted], options: dict[str, Any]) -> None:
    for one in wanted:
        if not one.name:
            raise OptionRefused("a module is asked for with an empty name")
        if not SHORTEST_TIMEFRAME <= one.days <= LONGEST_TIMEFRAME:
            raise OptionRefused(
                f"request_timeframe_days of {one.name} must be {SHORTEST_TIMEFRAME} to {LONGEST_TIMEFRAME}, "
                f"and is {one.days}"
            )
        if options["state"] == "present" and not one.device:
            raise OptionRefused(f"the module {one.name} needs the option device: the name or id of an SSE device")
    products = sorted({one.product for one in wanted})
    if len(products) > 1 and (options["module_type_id"] or options["module_type_title"]):
        raise OptionRefused(
            "module_type_id and module_type_title name one type, and the modules are of several products",
            remedy="Use one task per product.",
        )
    for product in products:
        of_product = [one for one in wanted if one.product == product]
        _refuse_twice([one.name for one in of_product], "name")
        if options["state"] == "present":
            _refuse_twice([one.device or "" for one in of_product], "device")


def _refuse_twice(values: list[str], what: str) -> None:
    twice = names_given_twice(values)
    if twice:
        raise OptionRefused(f"two of the modules asked for have the same {what}: {', '.join(twice)}")


class _Run:
    """What was found, and what came of each module so far."""

    def __init__(self, client: IrohClient, options: dict[str, Any], *, write: bool) -> None:
        self.client = client
        self.options = options
        self.write = write
        self.assumed = set() if write else {name_key(name) for name in options["assumed_devices"]}
        self.types: dict[str, ModuleType] = {}
        self.by_name: dict[tuple[str, str], list[Instance]] = {}
        self.by_device: dict[tuple[str, str], list[Instance]] = {}
        self.book = DeviceBook([])
        self.taken: dict[tuple[str, str], str] = {}
        self.names: dict[str, set[str]] = {}
        self.rows: list[dict[str, Any]] = []
        self.before: dict[str, Any] = {}
        self.after: dict[str, Any] = {}
        self.first_error: IrohError | None = None

    def look(self, wanted: list[Wanted]) -> None:
        """Read the types, their instances, and the devices if any are named."""
        types = list_module_types(self.client)
        for product in sorted({one.product for one in wanted}):
            found = find_module_type(
                types,
                product,
                type_id=self.options["module_type_id"],
                title=self.options["module_type_title"],
            )
            self.types[product] = found
            for instance in list_instances(self.client, found):
                self.by_name.setdefault((product, instance.name), []).append(instance)
                self.by_device.setdefault((product, (instance.device_id or "").lower()), []).append(instance)
            self.names[product] = {one.name for one in wanted if one.product == product}
        if any(one.device for one in wanted):
            self.book = DeviceBook(list_devices(self.client))

    def for_each(self, wanted: list[Wanted], ensure: Any) -> None:
        """Deal with each; go on after a failure that concerns it alone."""
        stopped: IrohError | None = None
        for one in wanted:
            if stopped is not None:
                reason = f"not tried, because of the failure before it: {stopped.reason}"
                self._report(one, None, None, FAILED, error=reason)
                continue
            try:
                ensure(one)
            except IrohError as error:
                self.first_error = self.first_error or error
                self._report(one, None, None, FAILED, error=str(error))
                if not concerns_one_item(error):
                    stopped = error

    def ensure_present(self, one: Wanted) -> None:
        """The module as asked: found by its name or else by its device, and written only where it differs."""
        device = self._registered_device(one)
        device_id = device.id if device else None
        if device is not None:
            other = self.taken.setdefault((one.product, device.id), one.name)
            if other != one.name:
                raise ItemRefused(f"device {one.device} is asked for by two modules, {other} and {one.name}")
        found = self._instance_for(one, device_id)
        after = {
            "name": one.name,
            "device_id": device_id,
            "request_timeframe_days": one.days,
            "enabled": one.enabled,
        }
        if found is None:
            made_id = self._create(one, device_id) if self.write and device_id else None
            self._record(one, None, after)
            self._report(one, made_id, device_id, CREATED)
            return
        changes = _differences(found, one, device_id)
        if not changes:
            self._report(one, found.id, device_id, NONE)
            return
        if self.write:
            update_instance(self.client, self.types[one.product], found, changes)
        self._record(one, found, after)
        self._report(one, found.id, device_id, UPDATED)

    def ensure_absent(self, one: Wanted) -> None:
        """No module of this name (and device, if one is named); one that is gone already is fine."""
        found = self.by_name.get((one.product, one.name), [])
        if one.device:
            found = [known for known in found if self._may_be_of(known, one.device)]
        if len(found) > 1:
            raise _two_of_a_name(one.name, found, "Name the device too, or delete the one that is not wanted in CTR.")
        if not found:
            self._report(one, None, None, NONE)
            return
        if self.write:
            delete_instance(self.client, found[0].id)
        self._record(one, found[0], None)
        self._report(one, found[0].id, found[0].device_id, DELETED)

    def _may_be_of(self, instance: Instance, device: str) -> bool:
        """Whether an instance is of the device with this name or id, or of one that SSE no longer knows."""
        known = self.book.by_id(instance.device_id)
        if known is None:
            return self.book.by_id(device) is None and not self.book.named(device)
        return known.id.lower() == device.lower() or name_key(known.name) == name_key(device)

    def _registered_device(self, one: Wanted) -> Device | None:
        """The device of a module, or None in check mode for one that is assumed to come. Raises ItemRefused."""
        asked = one.device or ""
        device = self.book.by_id(asked) or self.book.by_name(asked)
        if device is not None and device.registered:
            return device
        if name_key(asked) in self.assumed or (device is not None and name_key(device.name) in self.assumed):
            return device
        portal = self.client.region.portal_url
        state = f'has the status "{device.status}" in SSE' if device else "is not in SSE"
        raise ItemRefused(
            f"device {asked} {state}, and only a registered device of {self.client.region.label} can have a module",
            remedy=f"Register the appliance in this region first. If it is registered and still absent from the list "
            f"of registered devices, enable CTR in the Cloud Services tab of SSE ({portal}).",
        )

    def _instance_for(self, one: Wanted, device_id: str | None) -> Instance | None:
        """The instance to bring into line: of this name, or else of this device under a name nobody asks for."""
        named = self.by_name.get((one.product, one.name), [])
        if len(named) > 1:
            raise _two_of_a_name(one.name, named, "Delete the one that is not wanted in CTR, Modules.")
        if named:
            return named[0]
        if device_id is None:
            return None
        of_device = [
            instance
            for instance in self.by_device.get((one.product, device_id.lower()), [])
            if instance.name not in self.names[one.product]
        ]
        if len(of_device) > 1:
            names = ", ".join(f"{instance.name} ({instance.id})" for instance in of_device)
            raise ItemRefused(
                f"device {one.device} has {len(of_device)} modules of other names: {names}",
                remedy="Delete those that are not wanted in CTR, Modules.",
            )
        return of_device[0] if of_device else None

    def _create(self, one: Wanted, device_id: str) -> str:
        """Create the module. After a lost answer: look; create again only if it is not there."""
        try:
            return self._create_once(one, device_id)
        except AnswerLost:
            made = self._look_for(one, device_id)
        if made is not None:
            return made
        try:
            return self._create_once(one, device_id)
        except AnswerLost:
            made = self._look_for(one, device_id)
            if made is None:
                raise
            return made

    def _create_once(self, one: Wanted, device_id: str) -> str:
        return create_instance(
            self.client,
            self.types[one.product],
            name=one.name,
            device_id=device_id,
            days=one.days,
            enabled=one.enabled,
        ).id

    def _look_for(self, one: Wanted, device_id: str) -> str | None:
        made = [
            instance.id
            for instance in list_instances(self.client, self.types[one.product])
            if instance.name == one.name and instance.device_id == device_id
        ]
        return made[0] if made else None

    def _record(self, one: Wanted, before: Instance | None, after: dict[str, Any] | None) -> None:
        shared = sum(one.name in names for names in self.names.values()) > 1
        heading = f"{one.name} ({one.product})" if shared else one.name
        self.before[heading] = None
        if before is not None:
            self.before[heading] = {
                "name": before.name,
                "device_id": before.device_id,
                "request_timeframe_days": before.days,
                "enabled": before.enabled,
            }
        self.after[heading] = after

    def _report(
        self, one: Wanted, module_id: str | None, device_id: str | None, action: str, *, error: str | None = None
    ) -> None:
        present = self.options["state"] == "present"
        device = self.book.by_id(device_id)
        if device is None and one.device:
            named = self.book.named(one.device)
            device = self.book.by_id(one.device) or (named[0] if len(named) == 1 else None)
        self.rows.append(
            {
                "name": one.name,
                "id": module_id,
                "device_id": device_id or (device.id if device else None),
                "device_name": device.name if device else one.device,
                "request_timeframe_days": one.days if present else None,
                "enabled": one.enabled if present else None,
                "action": action,
                "error": error,
            }
        )


def _differences(found: Instance, one: Wanted, device_id: str | None) -> dict[str, Any]:
    """What must be set; a device that is yet to come (check mode) differs from any that is there."""
    changes: dict[str, Any] = {}
    if found.name != one.name:
        changes["name"] = one.name
    if found.enabled != one.enabled:
        changes["enabled"] = one.enabled
    if device_id is None or (found.device_id or "").lower() != device_id.lower():
        changes["device_id"] = device_id
    if found.days != one.days:
        changes["days"] = one.days
    return changes


def _two_of_a_name(name: str, found: list[Instance], remedy: str) -> ItemRefused:
    ids = ", ".join(f"{instance.id} (device {instance.device_id})" for instance in found)
    return ItemRefused(f"CTR has {len(found)} modules of the name {name}: {ids}", remedy=remedy)
