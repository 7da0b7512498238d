# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Find the module type of a product, and the keys of its settings.

The ids and keys of the ESA and SMA module types are not documented, so they are read from ``configuration_spec``
(GET /iroh/iroh-int/module-type; its structure is grade A, the titles are the names of the products).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import active
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.contract import PATHS
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import Region
from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import OF_RUN
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import RUN_PROBE

TYPES_PATH = PATHS["module_types"]
PAGE = 1000
TITLES = {
    "esa": ("Email Security Appliance", "Secure Email Gateway"),
    "sma": ("Secure Email and Web Manager", "SMA Email"),
}
MOST_LISTED, LONGEST_NAME = 200, 200
NAMES = ("title", "default_name", "former_title")
SECRET_KINDS = ("password", "api_key", "file")
TIMEFRAME_WORDS = ("timeframe", "time frame", "(days)")


@dataclass(frozen=True)
class ModuleType:
    """A module type, and the keys of the settings that the collection sets."""

    id: str
    title: str
    device_key: str
    timeframe_key: str
    defaults: dict[str, Any]
    secret_keys: frozenset[str]
    devices_offered: int | None = None
    """The number of devices that the device field offers; None if the API does not list them (inferred)."""


class NoSuchType(ApiError):
    """The tenant does not have the module type."""


def list_module_types(client: IrohClient) -> list[dict[str, Any]]:
    """Return all module types that the API client can read. Raise ApiError."""
    return client.get_all(TYPES_PATH, page=PAGE)


def find_module_type(
    types: list[dict[str, Any]],
    product: str,
    region: Region,
    *,
    type_id: str | None = None,
    title: str | None = None,
) -> ModuleType:
    """Return the module type of a product, or the module type with this id or title. Without both, the profile applies.

    Raise NoSuchType, or another ApiError if several types match or the type has unexpected fields.
    """
    set_type = (
        f"set the id or title of the module type in module_types.{product} (in the role: "
        f"esa_ctr_regions.{region.name}.{product}); an id is valid in one region only"
    )
    keys = {} if type_id or title else active().module_types.get(region.name, {}).get(product, {})
    if keys:
        type_id, title = keys.get("id"), keys.get("title")
    if type_id:
        found = [one for one in types if one.get("id") == type_id]
        asked = f"with the id {type_id}"
    else:
        titles = (title,) if title else TITLES[product]
        found = _called(types, titles)
        asked = "with the title " + " or ".join(f'"{name}"' for name in titles)
    if not found:
        raise NoSuchType(
            f"{region.label}: no module type {asked}; existing module types: {_listed(types)}",
            fix=f"check region, {set_type}, or {RUN_PROBE}",
        )
    if len(found) > 1:
        raise ApiError(f"{region.label}: {len(found)} module types {asked}: {_listed(found)}", fix=set_type)
    return _read_type(found[0], keys, set_type)


def titles_with_device(types: list[dict[str, Any]]) -> list[str]:
    """Return the titles of the types that have a device field, in the order of the list, at most MOST_LISTED."""
    titles = (str(one.get("title") or one.get("default_name") or "") for one in types if fields_of_kind(one, "device"))
    found = [title for title in titles if title]
    return [OF_RUN.beginning(title, LONGEST_NAME) for title in found[:MOST_LISTED]]


def _called(types: list[dict[str, Any]], titles: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the types with one of these titles, or else with a title that contains one. Prefer types with a device."""
    wanted = [_plain(title) for title in titles]
    exact = [one for one in types if any(name in wanted for name in _names(one))]
    alike = [one for one in types if any(title in name for name in _names(one) for title in wanted)]
    found = exact or alike
    with_device = [one for one in found if fields_of_kind(one, "device")]
    return with_device or found


def _names(one: dict[str, Any]) -> list[str]:
    return [_plain(str(one[field])) for field in NAMES if one.get(field)]


def _plain(name: str) -> str:
    words = name.casefold().split()
    return " ".join(words[1:] if words[:1] == ["cisco"] else words)


def _listed(types: list[dict[str, Any]]) -> str:
    named = [f"{one.get('title') or one.get('default_name')} ({one.get('id')})" for one in types[:MOST_LISTED]]
    more = f", and {len(types) - MOST_LISTED} more" if len(types) > MOST_LISTED else ""
    return (", ".join(OF_RUN.beginning(name, LONGEST_NAME) for name in named) or "none") + more


def _spec(one: dict[str, Any]) -> list[dict[str, Any]]:
    spec = one.get("configuration_spec")
    fields = spec if isinstance(spec, list) else []
    return [field for field in fields if isinstance(field, dict) and isinstance(field.get("key"), str) and field["key"]]


def fields_of_kind(one: dict[str, Any], kind: str, key: str | None = None) -> list[dict[str, Any]]:
    """Return the fields of this type, only the one with this key if it is given."""
    return [field for field in _spec(one) if field.get("type") == kind and key in (None, field["key"])]


def _read_type(one: dict[str, Any], keys: Mapping[str, str], fix: str) -> ModuleType:
    """Return the module type with the keys of its settings. Raise ApiError with this fix for unexpected fields.

    ``keys`` may have the C(device_key) and C(timeframe_key) of the profile.
    """
    fields = _spec(one)
    device = _only(
        one, fields_of_kind(one, "device", keys.get("device_key")), "of type device, for the SSE device", fix
    )
    days_key = keys.get("timeframe_key")
    timeframe = _only(
        one,
        [field for field in fields_of_kind(one, "integer", days_key) if days_key or speaks_of_days(field)],
        'of type integer labelled like "Request Timeframe (days)"',
        fix,
    )
    others = [field for field in fields if field["key"] not in (device, timeframe) and field.get("required")]
    unknown = [field for field in others if field.get("default_value") in (None, "")]
    if unknown:
        raise ApiError(
            f"the module type {_listed([one])} requires unknown settings without a default: {_shown(unknown)}",
            fix=fix,
        )
    return ModuleType(
        id=str(one["id"]),
        title=str(one.get("title") or one.get("default_name") or one["id"]),
        device_key=device,
        timeframe_key=timeframe,
        defaults={field["key"]: field["default_value"] for field in others},
        secret_keys=frozenset(field["key"] for field in fields if field.get("type") in SECRET_KINDS),
        devices_offered=_offered(fields, device),
    )


def _offered(fields: list[dict[str, Any]], device_key: str) -> int | None:
    options = next(field for field in fields if field["key"] == device_key).get("options")
    return len(options) if isinstance(options, list) else None


def speaks_of_days(field: dict[str, Any]) -> bool:
    """Return whether the label or the key of a setting names the timeframe."""
    said = f"{field.get('label') or ''} {field['key']}".casefold().replace("_", " ").replace("-", " ")
    return any(word in said for word in TIMEFRAME_WORDS)


def _only(one: dict[str, Any], fields: list[dict[str, Any]], what: str, fix: str) -> str:
    if len(fields) == 1:
        return str(fields[0]["key"])
    count = len(fields) or "no"
    raise ApiError(
        f"the module type {_listed([one])} has {count} fields {what}; its fields are: {_shown(_spec(one)) or 'none'}",
        fix=fix,
    )


def _shown(fields: list[dict[str, Any]]) -> str:
    return ", ".join(f'{field["key"]} ({field.get("type")}, "{field.get("label")}")' for field in fields)
