# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: sse_devices
short_description: Inventory of the devices in Security Services Exchange (SSE)
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the devices of one or more regions, and adds a host for each device, with its SSE record as host variables.
  - Needs one log-in and one request for each 1,000 devices, in each region. Only reads.
  - The configuration file must end in C(sse_devices.yml) or C(sse_devices.yaml).
  - Read it after the static inventory (C(-i inventory.yml -i sse_devices.yml)). A host that the static inventory also has keeps
    its variables and gets those of SSE. Other hosts are added to the group O(only_in_sse_group).
requirements:
  - requests (Python library on the controller)
extends_documentation_fragment:
  - constructed
  - inventory_cache
options:
  plugin:
    description: Must be V(emailsec.ctr.sse_devices).
    type: str
    required: true
    choices: [emailsec.ctr.sse_devices]
  regions:
    description:
      - The account of each region to read, with the keys of C(esa_ctr_regions) - C(client_id), C(client_password), C(api_url),
        C(ca_path), C(proxy), C(timeout) and C(retry_budget).
      - A value may be a template, or encrypted with Ansible Vault. Without credentials, E(CTR_CLIENT_ID) and
        E(CTR_CLIENT_PASSWORD) are used.
    type: dict
    required: true
  profile:
    description: Profile of the collection, as in C(esa_ctr_profile).
    type: raw
  types:
    description: Add only devices of these types, not case-sensitive. An empty list adds all types.
    type: list
    elements: str
    default: [esa, sma]
  statuses:
    description: Add only devices with these statuses, such as V(Registered), not case-sensitive. An empty list adds all.
    type: list
    elements: str
    default: []
  names:
    description: Add only devices whose name matches one of these shell patterns, not case-sensitive. An empty list adds all.
    type: list
    elements: str
    default: []
  host_names:
    description: Host name by device name, for devices whose inventory host has another name.
    type: dict
    default: {}
  host_name:
    description:
      - Template of the host name of all other devices, from their variables, such as C(sse_name | split('.') | first).
      - By default, the name of the device.
    type: str
    default: sse_name
  only_in_sse_group:
    description: Group of the hosts that no inventory source before this one has.
    type: str
    default: only_in_sse
  group_by_region:
    description: Whether to add each host to a group with the name of its region.
    type: bool
    default: true
notes:
  - If several devices give the same host name, the variables are those of the registered one, or the newest. The plugin warns,
    and C(sse_devices) has all of them.
  - A device whose host name has other characters than letters, digits, C(.), C(-), C(_) and C(:) is skipped with a warning.
  - A region that cannot be read fails the whole source, so that no device is missing silently.
seealso:
  - module: emailsec.ctr.sse_device_facts
"""

EXAMPLES = r"""
# sse_devices.yml
plugin: emailsec.ctr.sse_devices
regions:
  europe:
    client_id: client-01234567-89ab-cdef-0123-456789abcdef
    client_password: "{{ lookup('ansible.builtin.env', 'CTR_PASSWORD_EUROPE') }}"
  americas:
    client_id: client-fedcba98-7654-3210-fedc-ba9876543210
    client_password: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      6162636465...
names: ["esa*.example.com"]
keyed_groups:
  - key: sse_status | lower
    prefix: status
  - key: sse_version
    prefix: asyncos
compose:
  esa_ctr_region: sse_region
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/cache/ansible/sse
cache_timeout: 600
"""

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.emailsec.ctr.plugins.module_utils._http.transport import (
    REQUESTS_IMPORT_ERROR,
    REQUESTS_MISSING,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import canonical_region
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message, shown
from ansible_collections.emailsec.ctr.plugins.plugin_utils._sse_inventory import (
    apply_inventory_profile,
    read_regions_of,
)

ENDINGS = ("sse_devices.yml", "sse_devices.yaml")
HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}")
Record = dict[str, Any]


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):  # type: ignore[misc]  # ansible-core has no types
    NAME = "emailsec.ctr.sse_devices"

    def verify_file(self, path: str) -> bool:
        return bool(super().verify_file(path)) and path.endswith(ENDINGS)

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        if REQUESTS_IMPORT_ERROR:
            raise AnsibleError(REQUESTS_MISSING)
        self._read_config_data(path)
        apply_inventory_profile(self.get_option("profile"), loader)
        hosts: dict[str, list[Record]] = {}
        # Never evaluate a template from the cloud, neither here nor in a play.
        for record in self._wanted(wrap_var(self._records(path, cache))):
            host = self._host_name(record)
            name = HOST.fullmatch(host)
            if name:
                hosts.setdefault(name[0], []).append(record)
            else:
                self._skip(record, host)
        for host, records in hosts.items():
            self._add(host, records)

    def _records(self, path: str, cache: bool) -> list[Record]:
        """Return the records of all regions, from the cache if it is on and fresh."""
        key = self.get_cache_key(path)
        use = cache and self.get_option("cache")
        if use and key in self._cache:
            return list(self._cache[key])
        records = read_regions_of(self.get_option("regions"), self.templar)
        if self.get_option("cache"):
            self._cache[key] = records
        return records

    def _wanted(self, records: list[Record]) -> Iterator[Record]:
        types, statuses, names = (
            {str(one).lower() for one in self.get_option(name)} for name in ("types", "statuses", "names")
        )
        for record in records:
            name, kind, status = (str(record[f"sse_{key}"] or "").lower() for key in ("name", "type", "status"))
            if (
                (not types or kind in types)
                and (not statuses or status in statuses)
                and (not names or any(fnmatchcase(name, pattern) for pattern in names))
            ):
                yield record

    def _host_name(self, record: Record) -> str:
        name = str(record["sse_name"])
        mapped: Mapping[str, Any] = self.get_option("host_names")
        found = mapped[name] if name in mapped else self._compose(self.get_option("host_name"), record)
        return str(found or "").strip()

    def _skip(self, record: Record, host: str) -> None:
        """Warn of a device without a host name. Some releases of ansible-core evaluate a host name that is a template."""
        device = f"{record['sse_region']}: the device {record['sse_name']} ({record['sse_id']})"
        problem = (
            f"is skipped, because {host!r} is not a host name" if host else "is skipped, because host_name is empty"
        )
        self.display.warning(message(None, shown(f"{device} {problem}"), "set its name in host_names."))

    def _add(self, host: str, records: list[Record]) -> None:
        known = host in self.inventory.hosts
        best = next((one for one in records if one["sse_registered"]), records[-1])
        if len(records) > 1:
            ids = ", ".join(f"{one['sse_region']} {one['sse_id']}" for one in records)
            self.display.warning(
                shown(f"{host} has {len(records)} devices in SSE ({ids}); its variables are those of {best['sse_id']}.")
            )
        self.inventory.add_host(host)
        for name, value in {**best, "sse_devices": records}.items():
            self.inventory.set_variable(host, name, value)
        if not known:
            self.inventory.add_child(self.inventory.add_group(self.get_option("only_in_sse_group")), host)
        if self.get_option("group_by_region"):
            self.inventory.add_child(self.inventory.add_group(canonical_region(best["sse_region"])), host)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), best, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), best, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), best, host, strict=strict)
