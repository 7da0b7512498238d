# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. All API calls of the collection: source, scope, fields sent and read.

docs/api-contract.md is generated from this table. The fixes for missing scopes use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import active

from . import sse_fields

DOCUMENTATION = "the API's documentation of authentication, limits and errors"
SWAGGER = "the vendor's description of iroh-int"
CLIENT = "path from the vendor's Python client; the body is not documented"

# The scopes that the API client needs, with their names in the portal (grade A).
SCOPES = {
    "sse": "Manage your Devices",
    "integration": "Manage your modules",
    "enrich:read": "Query your configured modules for threat intelligence",
    "inspect:read": "Extract Observables and data from text",
}


PATHS = {
    "login": "/iroh/oauth2/token",
    "devices": sse_fields.DEVICES_PATH,
    "module_types": "/iroh/iroh-int/module-type",
    "module_instances": "/iroh/iroh-int/module-instance",
    "inspect": "/iroh/iroh-inspect/inspect",
    "observe": "/iroh/iroh-enrich/observe/observables",
    "health": "/iroh/iroh-enrich/health",
}
"""The beginnings of all paths, by the id that a profile uses."""


@dataclass(frozen=True)
class Operation:
    """One call. ``scope``: the scope to select in the portal. ``part``: the finer scope in the vendor's text, if any."""

    method: str
    path: str
    purpose: str
    source: str
    grade: str
    scope: str | None
    part: str | None
    sends: tuple[str, ...]
    reads: tuple[str, ...]
    used_by: tuple[str, ...]

    @property
    def reads_only(self) -> bool:
        """Return whether the call changes nothing."""
        return self.method == "GET" or self.path.startswith(
            ("/iroh/oauth2/", "/iroh/iroh-inspect/", "/iroh/iroh-enrich/")
        )

    @property
    def needs_data(self) -> bool:
        """Return whether the call is about certain data: a message or a module."""
        return "{" in self.path or self.path.startswith("/iroh/iroh-inspect/") or self.path.endswith("/observables")


_DEVICE = (
    sse_fields.ID,
    sse_fields.NAME,
    sse_fields.STATUS,
    sse_fields.TYPE,
    sse_fields.VERSION,
    sse_fields.DESCRIPTION,
    sse_fields.IP_ADDRESS,
    sse_fields.CONNECTOR_VERSION,
    sse_fields.CREATED,
)
_TOKEN = (sse_fields.TOKEN, sse_fields.TOKEN_EXPIRES)
_INSTANCE = ("id", "name", "module_type_id", "enabled", "settings")
_PAGE = ("limit", "offset")
_ENRICH = "the vendor's description of iroh-enrich"
_INVESTIGATION = ("ctr_investigation_info",)

OPERATIONS = (
    Operation(
        "POST",
        PATHS["login"],
        "log in as the API client",
        DOCUMENTATION,
        "A",
        None,
        None,
        ("grant_type",),
        ("access_token", "expires_in"),
        ("every cloud module",),
    ),
    Operation(
        "GET",
        sse_fields.DEVICES_PATH,
        "list devices",
        CLIENT,
        "I",
        "sse",
        None,
        _PAGE,
        _DEVICE,
        ("sse_device_facts", "sse_token", "sse_device", "ctr_module"),
    ),
    Operation(
        "POST",
        sse_fields.DEVICES_PATH,
        "add a device and get its token",
        CLIENT,
        "I",
        "sse",
        None,
        (sse_fields.NAME, sse_fields.TOKEN_LIFETIME, sse_fields.DESCRIPTION),
        (*_DEVICE, *_TOKEN),
        ("sse_token", "sse_device"),
    ),
    Operation(
        "PATCH",
        sse_fields.device_path("{id}"),
        "change the description of a device",
        CLIENT,
        "I",
        "sse",
        None,
        (sse_fields.DESCRIPTION,),
        (),
        ("sse_device",),
    ),
    Operation(
        "DELETE",
        sse_fields.device_path("{id}"),
        "delete a device, which may finish later",
        CLIENT,
        "I",
        "sse",
        None,
        (),
        (),
        ("sse_device",),
    ),
    Operation(
        "POST",
        sse_fields.token_path("{id}"),
        "issue a new token for a device",
        CLIENT,
        "I",
        "sse",
        None,
        (sse_fields.TOKEN_LIFETIME,),
        _TOKEN,
        ("sse_token",),
    ),
    Operation(
        "GET",
        PATHS["module_types"],
        "list module types, to find the type of a product",
        SWAGGER,
        "A",
        "integration",
        "integration/module-type:read",
        _PAGE,
        ("id", "title", "default_name", "former_title", "configuration_spec"),
        ("ctr_module",),
    ),
    Operation(
        "GET",
        PATHS["module_instances"],
        "list modules, all or of one type",
        SWAGGER,
        "A",
        "integration",
        "integration/module-instance:read",
        ("module_type_id", *_PAGE),
        _INSTANCE,
        ("ctr_module", "ctr_investigation_info"),
    ),
    Operation(
        "POST",
        PATHS["module_instances"],
        "create a module",
        SWAGGER,
        "A",
        "integration",
        "integration/module-instance:write",
        ("name", "module_type_id", "visibility", "enabled", "settings"),
        _INSTANCE,
        ("ctr_module",),
    ),
    Operation(
        "PATCH",
        f"{PATHS['module_instances']}/{{id}}",
        "change a module",
        SWAGGER,
        "A",
        "integration",
        "integration/module-instance:write",
        ("name", "enabled", "settings"),
        (),
        ("ctr_module",),
    ),
    Operation(
        "DELETE",
        f"{PATHS['module_instances']}/{{id}}",
        "delete a module",
        SWAGGER,
        "A",
        "integration",
        "integration/module-instance:write",
        (),
        (),
        ("ctr_module",),
    ),
    Operation(
        "POST",
        PATHS["inspect"],
        "find the observables in a text",
        "the vendor's description of iroh-inspect",
        "A",
        "inspect:read",
        None,
        ("content",),
        ("type", "value"),
        _INVESTIGATION,
    ),
    Operation(
        "POST",
        PATHS["observe"],
        "ask modules for sightings of observables",
        _ENRICH,
        "A",
        "enrich:read",
        "enrich/observables/observe:read",
        ("mids", "type", "value"),
        ("data", "errors"),
        _INVESTIGATION,
    ),
    Operation(
        "POST",
        PATHS["health"],
        "check the health of all modules",
        _ENRICH,
        "A",
        "integration",
        "integration/health:read",
        (),
        ("data", "errors"),
        _INVESTIGATION,
    ),
    Operation(
        "POST",
        f"{PATHS['health']}/{{module_instance_id}}",
        "check the health of one module",
        _ENRICH,
        "A",
        "integration",
        "integration/health:read",
        (),
        ("data", "errors"),
        _INVESTIGATION,
    ),
)

# The scope of calls that are not in the table.
_FAMILIES = {
    "/iroh/iroh-sse/": "sse",
    "/iroh/iroh-int/": "integration",
    "/iroh/iroh-enrich/health": "integration",
    "/iroh/iroh-enrich/": "enrich:read",
    "/iroh/iroh-inspect/": "inspect:read",
}


def path_on_the_wire(path: str) -> str:
    """Return the path under which the profile has this path of the table."""
    for path_id, ours in PATHS.items():
        if path_id in active().paths and (path == ours or path.startswith(f"{ours}/")):
            return active().paths[path_id] + path[len(ours) :]
    return path


def _path_of_the_table(path: str) -> str:
    for path_id, theirs in active().paths.items():
        if path_id in PATHS and (path == theirs or path.startswith(f"{theirs}/")):
            return PATHS[path_id] + path[len(theirs) :]
    return path


def largest_page(path: str) -> int | None:
    """Return the largest page of this list that the profile allows, or None."""
    return next((active().pages[key] for key, ours in PATHS.items() if path == ours and key in active().pages), None)


def operation_of(method: str, path: str) -> Operation | None:
    """Return the call with this method and path, or None."""
    path = _path_of_the_table(path)
    for one in OPERATIONS:
        pattern = re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(one.path))
        if one.method == method and re.fullmatch(pattern, path):
            return one
    return None


def scope_of(method: str, path: str) -> tuple[str | None, str | None]:
    """Return the scope that this request needs, and the finer scope; None if unknown."""
    known = operation_of(method, path)
    if known is not None:
        return known.scope, known.part
    path = _path_of_the_table(path)
    return next((scope for prefix, scope in _FAMILIES.items() if path.startswith(prefix)), None), None
