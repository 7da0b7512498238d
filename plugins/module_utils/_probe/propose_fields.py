# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find the fields of SSE under other names: by the name of an appliance, or the form of the values."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import active
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.devices import name_key

from .findings import Findings, Record, plain_name
from .model import Proposal, Remaining
from .region import DEVICES, records_of

UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.I)
TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.{0,20}")
VERSION = re.compile(r"\d+\.\d+(?:\.\d+){0,2}(?:-\d+)?")
WORD = re.compile(r"[A-Za-z][A-Za-z _-]{1,40}")
OTHER_NAMES = {
    "id": ("uuid", "deviceid", "deviceuuid"),
    "name": ("hostname", "devicename", "displayname"),
    "status": ("state", "devicestatus", "registrationstatus", "registrationstate"),
    "type": ("devicetype", "product", "producttype"),
    "version": ("softwareversion", "deviceversion", "release"),
    "description": ("devicedescription", "comment"),
    "ip_address": ("ip", "ipv4", "address", "deviceip"),
    "connector_version": ("connector",),
    "created": ("createdat", "creationtime", "createdtime", "creationdate"),
}
"""Names that mean the same, in lower case without C(_) and C(-)."""
STYLES: dict[str, Callable[[str], str]] = {
    "snake_case": lambda name: re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(),
    "camelCase": lambda name: name,
}
Names = dict[str, tuple[str, ...]]


def propose_fields(findings: Findings, missing: Sequence[str]) -> tuple[list[Proposal | Remaining], Names]:
    """Return proposals for these fields (ids of sse_fields.FIELDS), and the names of all fields with them."""
    rows = findings.records
    names: Names = {field: sse_fields.names_of(field) for field in sse_fields.FIELDS}
    found: list[Proposal | Remaining] = list(_list_in(findings))
    for field in missing:
        chosen = _chosen(field, rows, {name for other, known in names.items() if other != field for name in known})
        if chosen is None:
            found.append(_remaining(field, rows))
            continue
        name, evidence = chosen
        names[field] = (name,)
        found.append(Proposal(("sse", "fields", field), [name], evidence, f"field.sse.{field}"))
    proposed = {field: names[field][0] for field in missing if names[field] != sse_fields.names_of(field)}
    return [*found, *_inferred(proposed)], names


def _list_in(findings: Findings) -> list[Proposal]:
    for read in findings.regions.values():
        call = read.call(DEVICES)
        place = records_of(call.data)[0] if call else ""
        if place and place != active().list_in:
            return [
                Proposal(
                    ("sse", "list_in"),
                    place,
                    "the only list in the answer to the list of devices",
                    f"call.{DEVICES}",
                )
            ]
    return []


def _chosen(field: str, rows: Sequence[Record], taken: set[str]) -> tuple[str, str] | None:
    """Return the only path that fits the field, and the evidence."""
    paths = list(dict.fromkeys(path for row in rows for path in row.values if path not in taken))
    fitting = [path for path in paths if _fits(field, path, rows)]
    alike = [
        path for path in fitting if plain_name(path) in (plain_name(sse_fields.FIELDS[field]), *OTHER_NAMES[field])
    ]
    for candidates in (alike, fitting if field in _BY_VALUE else []):
        if len(candidates) == 1:
            return candidates[0], _evidence(field, candidates[0], rows)
    return None


def _fits(field: str, path: str, rows: Sequence[Record]) -> bool:
    values = [row.text(path) for row in rows if row.text(path)]
    return (bool(values) or field == "description") and _FORMS[field](values, path, rows)


def _are_unique_ids(values: list[str], _path: str, rows: Sequence[Record]) -> bool:
    return len(values) == len(rows) == len(set(values)) and all(UUID.fullmatch(one) for one in values)


def _are_names(_values: list[str], path: str, rows: Sequence[Record]) -> bool:
    return any(
        row.walk is not None and name_key(row.text(path)) in (name_key(row.walk.hostname), name_key(row.walk.host))
        for row in rows
    )


def _are_statuses(values: list[str], path: str, rows: Sequence[Record]) -> bool:
    """Return whether all devices of registered appliances have one word, which devices of other appliances do not have."""
    if len(values) < len(rows) or not all(WORD.fullmatch(one) for one in values):
        return False
    registered = {row.text(path) for row in rows if row.walk and row.walk.registered}
    others = {row.text(path) for row in rows if row.walk and row.walk.keywords() and not row.walk.registered}
    return len(registered) == 1 and not registered & others


def _are_versions(values: list[str], path: str, rows: Sequence[Record]) -> bool:
    return any(
        row.walk is not None and row.walk.version_fields().get("version", "-").startswith(row.text(path))
        for row in rows
        if row.text(path)
    )


def _are_addresses(values: list[str], _path: str, _rows: Sequence[Record]) -> bool:
    return all(is_address(one) for one in values)


def is_time(text: str) -> bool:
    """Return whether this is a time (ISO 8601)."""
    return TIME.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Return whether this is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


_FORMS: dict[str, Callable[[list[str], str, Sequence[Record]], bool]] = {
    "id": _are_unique_ids,
    "name": _are_names,
    "status": _are_statuses,
    "type": lambda values, _path, _rows: all(one.upper() in ("ESA", "SMA") for one in values),
    "version": _are_versions,
    "ip_address": _are_addresses,
    "created": lambda values, _path, _rows: all(map(is_time, values)),
    "connector_version": lambda values, _path, _rows: all(VERSION.fullmatch(one) for one in values),
    "description": lambda _values, _path, _rows: True,
}
_BY_VALUE = {"id", "name", "status", "type", "version", "ip_address", "created"}
"""Fields that the form of their values identifies without a similar name."""


def _evidence(field: str, path: str, rows: Sequence[Record]) -> str:
    count = sum(row.values.get(path) is not None for row in rows)
    said = {
        "id": "holds a UUID of its own in every device record",
        "name": "holds the name of a probed appliance",
        "status": "holds one word for the devices of registered appliances, and another for others",
        "type": "holds ESA or SMA",
        "version": "holds the version of a probed appliance",
        "ip_address": "holds an IP address",
        "created": "holds a time",
        "connector_version": "holds a version, under a similar name",
        "description": "has a similar name",
    }[field]
    return f"{said} ({count} of {len(rows)} records)"


def _remaining(field: str, rows: Sequence[Record]) -> Remaining:
    paths = ", ".join(dict.fromkeys(path for row in rows for path in row.values))[:300]
    return Remaining(
        f"field.sse.{field}",
        f"device records have no field {sse_fields.FIELDS[field]}, and no other field is certainly the same; they have: {paths}",
        f"add its name to sse.fields.{field} of the profile",
    )


def _inferred(proposed: dict[str, str]) -> list[Proposal]:
    """Return names for what only a write shows, in the style of the fields that were found. ``proposed``: name by field."""
    if not proposed:
        return []
    folder = next(iter(proposed.values())).rpartition(".")[0]
    style = STYLES["snake_case" if any("_" in name for name in proposed.values()) else "camelCase"]
    why = "not seen: inferred from the other fields; the first registration shows whether it is right"
    found = []
    for field in ("token", "token_expires"):
        ours = sse_fields.FIELDS[field]
        names = [f"{folder}.{style(ours)}" if folder else style(ours), style(ours), ours]
        found.append(Proposal(("sse", "fields", field), list(dict.fromkeys(names)), why, f"field.sse.{field}"))
    for field, ours in sse_fields.SENT.items():
        name = proposed.get(field, "").rpartition(".")[2] or style(ours)
        if name != ours:
            found.append(Proposal(("sse", "sends", field), name, why, f"sent.sse.{field}"))
    return found
