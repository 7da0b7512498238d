# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Switches that break and repair a running lab: `POST /switch` and `POST /messages` of the control interface.

`{"appliance": NAME, "set": {...}}`, `{"region": NAME, "set": {...}}`, `{"region": NAME, "module": NAME_OR_ID, "set":
{...}}`; `{"appliance": NAME, "messages": [{...}]}`. Unknown fields are refused by name. A reset restores
the state of the fleet file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from tests.lab.appliance.model import Appliance
from tests.lab.cloud.store import CloudStore
from tests.lab.fleet import VERSION
from tests.lab.fleet_fields import Fields
from tests.lab.fleet_initial import DEVICE_PLACES
from tests.lab.region_switches import HEALTH, read_region
from tests.lab.regions import SERVERS
from tests.lab.services import Services, read_services

SOURCE = "switch"
FLAGS = {
    "registered": "registered",
    "registration_failed": "registration_failed",
    "asks_for_token": "asks_for_token",
    "busy": "stuck_busy",
    "pending": "foreign_pending",
}
"""Switches, and the attributes of an appliance that they set."""
OF_APPLIANCE = {"version", "enabled", "region", "device", "older_by_days", *FLAGS}
AT_START_ONLY = {"rest_api", "smtp", "certificate"}
OF_SERVICES = {field.name for field in fields(Services)} - AT_START_ONLY
DAY = 24 * 3600
MOST = 10_000


class Switches:
    """The appliances and regions of a lab, by name."""

    def __init__(self, appliances: Mapping[str, Appliance], stores: Mapping[str, CloudStore]) -> None:
        self.appliances = appliances
        self.stores = stores

    def set(self, body: object) -> None:
        """Carry out a `POST /switch`. Raise FleetError without changes if it is invalid."""
        asked = Fields(SOURCE, "", body, {"appliance", "region", "module", "set"})
        if asked.mapping.get("appliance") is not None:
            self._set_appliance(self._appliance(asked), asked)
        elif asked.mapping.get("region") is not None:
            store = self._store(asked)
            if asked.mapping.get("module") is not None:
                _set_module(store, asked)
            else:
                store.set_switches(read_region(asked, "set", store.switches))
        else:
            asked.fail("appliance", "or a region is required")

    def add_messages(self, body: object) -> list[int]:
        """Carry out a `POST /messages`; return the message ids. Raise FleetError if it is invalid."""
        asked = Fields(SOURCE, "", body, {"appliance", "messages"})
        appliance = self._appliance(asked)
        listed = asked.mapping.get("messages")
        if not isinstance(listed, list):
            asked.fail("messages", "must be a list")
        return [mid for item in listed for mid in _add_message(appliance, item)]

    def _appliance(self, asked: Fields) -> Appliance:
        return self.appliances[asked.choice("appliance", "", tuple(self.appliances))]

    def _store(self, asked: Fields) -> CloudStore:
        return self.stores[asked.choice("region", "", tuple(self.stores))]

    def _set_appliance(self, box: Appliance, asked: Fields) -> None:
        given = asked.inner("set", OF_APPLIANCE | OF_SERVICES)
        version = given.text("version", box.spec.version)
        if not VERSION.fullmatch(version):
            given.fail("version", f"must look like 14.0.0-698, not {version!r}")
        device = given.choice("device", None, DEVICE_PLACES)
        region = given.choice("region", None, tuple(SERVERS))
        services = {key: value for key, value in given.mapping.items() if key in OF_SERVICES}
        box_services = read_services(Fields(SOURCE, "", {"services": services}, {"services"}), box.services)
        flags = {name: given.flag(name, getattr(box, own)) for name, own in FLAGS.items()}
        enabled = given.flag("enabled", box.committed["enabled"])
        older = given.whole("older_by_days", 0, 0, MOST) * DAY
        # Set nothing before everything has been checked.
        box.services = box_services
        box.spec = replace(box.spec, version=version)
        box.committed["enabled"] = enabled
        if region:
            box.committed["server"] = SERVERS[region]
        for name, value in flags.items():
            setattr(box, FLAGS[name], value)
        if device:
            box.place_device(device)
        box.tracking.shift(older)


def _set_module(store: CloudStore, asked: Fields) -> None:
    name = asked.text("module", "")
    found = [one for one in store.instances.values() if name in (one["id"], one["name"])]
    if len(found) != 1:
        asked.fail("module", f"names {len(found)} modules of this region: {name!r}")
    given = asked.inner("set", {"health", "enabled", "device"})
    instance = found[0]
    health = given.choice("health", None, (*HEALTH, "true"))
    device = given.text("device", None)
    enabled = given.flag("enabled", instance["enabled"])
    instance["enabled"] = enabled
    if health == "true":
        store.module_health.pop(instance["id"], None)
    elif health:
        store.module_health[instance["id"]] = health
    if device:
        spec = store.module_types[instance["module_type_id"]].record["configuration_spec"]
        instance["settings"][next(field["key"] for field in spec if field["type"] == "device")] = device


def _add_message(box: Appliance, item: object) -> list[int]:
    known = {
        "subject",
        "sender",
        "recipients",
        "message_id",
        "reply_to",
        "sender_ip",
        "status",
        "direction",
        "attachments",
    }
    given = Fields(SOURCE, f"message of {box.spec.name}", item, known | {"age", "count"})
    attachments = []
    for attachment in given.mapping.get("attachments") or []:
        inner = Fields(SOURCE, given.where, attachment, {"name", "sha256"}, "attachments.")
        attachments.append((inner.text("name", ""), inner.text("sha256", "")))
    age = given.seconds("age", 0.0)
    count = given.whole("count", 1, 1, MOST)
    subject = given.text("subject", "")
    mids = []
    for number in range(1, count + 1):
        mids.append(
            box.accept_message(
                age=age,
                icid=box.counter.next_icid(),
                subject=subject.replace("{n}", str(number)),
                sender=given.text("sender", "sender@example.com"),
                recipients=given.texts("recipients", ("recipient@example.com",)),
                message_id=given.text("message_id", f"<lab-{number}-{box.serial}@example.com>").replace(
                    "{n}", str(number)
                ),
                reply_to=given.text("reply_to", ""),
                sender_ip=given.text("sender_ip", "192.0.2.254"),
                status=given.text("status", "Delivered"),
                direction=given.choice("direction", "incoming", ("incoming", "outgoing")),
                attachments=tuple(attachments),
            )
        )
    return mids
