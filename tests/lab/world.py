# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A world of other words: what the appliances and clouds of a fleet call things, in place of the words of the lab.

The lab itself keeps its words; they are translated where they leave it or come in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.lab.fleet_fields import Fields
from tests.lab.regions import SERVERS

SSE_FIELDS = (
    "id",
    "name",
    "type",
    "version",
    "status",
    "description",
    "ipAddress",
    "connectorVersion",
    "created",
    "token",
    "tokenExpiry",
    "expiresAt",
)
STATUSES = ("Registered", "Pending")
LABELS = {"americas": ("AMERICAS", "NAM"), "europe": ("EUROPE",), "apjc": ("APJC",)}
TEXTS = {
    "asyncos_banner": r"AsyncOS (?P<rest>.+ build .+)",
    "password_expired": r"Your passphrase has expired\..*",
    "second_factor": r"Passcode: ",
    "session_limit": r"The maximum number of concurrent CLI sessions .*",
    "enabled": r"The Cisco Cloud Service is currently enabled on your appliance\.",
    "current_server": r"Currently configured Cisco Secure Cloud Server is: (?P<rest>.+)",
    "server_fixed": r"The appliance is registered with .* You must deregister .*",
    "token_question": r"Enter a registration token key .*",
    "commit_rollback": r"Do you want to save the current configuration for rollback\?(?P<rest> .*)?",
    "commit_locked": r"The configuration is locked by another user\.",
    "no_changes": r"There are no uncommitted changes\.",
    "unknown_command": r"Unknown command(?: or missing feature key)?: (?P<rest>.+)",
    "other_machine": r"This command is available only on the machine .*",
}
"""The lines of the lab for each text of grade C, I or R; `rest` is kept, at the place of `{}` or at the end."""


@dataclass(frozen=True)
class RegionWords:
    """Another region in the place of one of the lab: its name in the inventory, its label in menus, and its server."""

    name: str
    label: str
    server: str


@dataclass(frozen=True)
class World:
    """The words of a fleet. Each mapping goes from the word of the lab to the word of the world."""

    fields: Mapping[str, str] = field(default_factory=dict)
    record_in: str = ""
    """The field of a record that holds all its other fields."""
    list_in: str = ""
    """The field of the answer that holds the list of devices."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of module types by product, ESA or SMA."""
    device_key: str = ""
    days_key: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, RegionWords] = field(default_factory=dict)

    # Appliances

    def shown(self, line: str) -> str:
        """Return a line of an appliance in the words of the world."""
        for text_id, words in self.texts.items():
            match = re.fullmatch(TEXTS[text_id], line)
            if match:
                rest = match.groupdict().get("rest") or ""
                return words.replace("{}", rest) if "{}" in words else words + rest
        return self._with_servers(line)

    def _with_servers(self, line: str) -> str:
        for region, words in self.regions.items():
            for label in LABELS[region]:
                line = line.replace(f"{label} ({SERVERS[region]})", f"{words.label} ({words.server})")
            line = line.replace(SERVERS[region], words.server)
        return line

    def region_name(self, region: str) -> str:
        """Return the name of a region in the inventory."""
        return self.regions[region].name if region in self.regions else region

    # SSE

    def sse_request(self, body: Any) -> tuple[Any, str]:
        """Return the body of a request in the words of the lab, and the first unknown field, if any."""
        if not isinstance(body, dict):
            return body, ""
        unknown = next((key for key in body if key in self.fields and self.fields[key] != key), "")
        back = {theirs: ours for ours, theirs in self.fields.items()}
        return {back.get(key, key): value for key, value in body.items()}, unknown

    def sse_answer(self, data: Any) -> Any:
        """Return an answer in the words of the world. Errors keep their form."""
        if isinstance(data, list):
            records = [self._record(one) for one in data]
            return {self.list_in: records} if self.list_in else records
        return self._record(data) if isinstance(data, dict) and "error" not in data else data

    def _record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        named = {
            self.fields.get(key, key): self.statuses.get(value, value) if key == "status" else value
            for key, value in record.items()
        }
        return {self.record_in: named} if self.record_in else named

    # Module types

    def type_answer(self, types: Any, product_of: Callable[[str], str | None]) -> Any:
        """Return the list of module types in the words of the world."""
        return [self._type(one, product_of(one["id"])) for one in types] if isinstance(types, list) else types

    def _type(self, one: dict[str, Any], product: str | None) -> dict[str, Any]:
        if product is None or product not in self.titles:
            return one
        title = self.titles[product]
        changed = {key: value for key, value in one.items() if key != "former_title"}
        spec = [{**setting, "key": self._key(setting["type"], setting["key"])} for setting in one["configuration_spec"]]
        return {**changed, "title": title, "default_name": title, "configuration_spec": spec}

    def _key(self, kind: str, key: str) -> str:
        return {"device": self.device_key, "integer": self.days_key}.get(kind) or key

    def settings(self, settings: Any, spec: list[dict[str, Any]], *, back: bool) -> Any:
        """Return the settings of a module in the words of the world, or ``back`` in those of the lab."""
        if not isinstance(settings, dict):
            return settings
        pairs = [(setting["key"], self._key(setting["type"], setting["key"])) for setting in spec]
        names = {theirs: ours for ours, theirs in pairs} if back else dict(pairs)
        return {names.get(key, key): value for key, value in settings.items()}


def read_world(top: Fields) -> World:
    """Return the `world:` of a fleet file."""
    given = top.inner("world", {"sse", "module_types", "texts", "regions"})
    sse = given.inner("sse", {"fields", "record_in", "list_in", "statuses"})
    types = given.inner("module_types", {"titles", "device_key", "days_key"})
    return World(
        fields=_words(sse, "fields", SSE_FIELDS),
        record_in=sse.text("record_in", ""),
        list_in=sse.text("list_in", ""),
        statuses=_words(sse, "statuses", STATUSES),
        titles=_words(types, "titles", ("ESA", "SMA")),
        device_key=types.text("device_key", ""),
        days_key=types.text("days_key", ""),
        texts=_words(given, "texts", tuple(TEXTS)),
        regions=_regions(given),
    )


def _words(fields: Fields, key: str, known: tuple[str, ...]) -> dict[str, str]:
    inner = fields.inner(key, set(known))
    return {name: inner.text(name, name) for name in inner.mapping}


def _regions(given: Fields) -> dict[str, RegionWords]:
    regions = given.inner("regions", set(SERVERS))
    found = {}
    for region in regions.mapping:
        words = regions.inner(region, {"name", "label", "server"})
        found[region] = RegionWords(
            words.text("name", region), words.text("label", LABELS[region][0]), words.text("server", SERVERS[region])
        )
    return found
