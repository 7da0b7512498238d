#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ctr_module
short_description: Manage the modules of email appliances in Cisco Threat Response
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Adds, updates and removes modules (integration instances) of registered email appliances in Cisco Threat Response
    (CTR).
  - Finds a module by its name. If no module has this name, but the device has a module with another name, renames that
    module. Settings that are not options of this module are unchanged.
  - Modules with the same name and device are duplicates, which simultaneous runs created. The module keeps the oldest and
    removes the others; with O(state=absent), it removes all. After a creation, it rereads the modules, and removes its own
    module if another run created the same module earlier.
  - If a module fails, the task continues with the other modules. At the end, the task fails and lists the failures.
  - If the API client lacks the scope V(sse), the module cannot find the id of a device by its name. It then updates
    existing modules except for the device. For all others, RV(modules[].by_hand) contains the steps in the portal. The
    task does not fail in this case.
extends_documentation_fragment:
  - emailsec.ctr.profile
  - emailsec.ctr.cloud
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.actiongroup_cloud
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  modules:
    description:
      - The modules.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The Module Name. Required with O(state=present).
        type: str
      id:
        description:
          - The id of the module, only for O(state=absent). If name and device are also set, they must match this module.
          - Only modules of the product are searched.
        type: str
      device:
        description:
          - The name or id of the Registered Device. Required with O(state=present).
          - With O(state=absent) and without name and id, all modules of this device are removed.
        type: str
        aliases: [device_id]
      request_timeframe_days:
        description:
          - The Request Timeframe, in days, V(1) to V(365). By default, O(request_timeframe_days).
        type: int
      enabled:
        description:
          - Whether the module is enabled. By default, O(enabled).
        type: bool
      product:
        description:
          - The product of the appliance. By default, O(product).
        type: str
        choices: [esa, sma]
  name:
    description:
      - The Module Name of a single module.
    type: str
  id:
    description:
      - The id of a single module, only for O(state=absent).
    type: str
  device:
    description:
      - The name or id of the Registered Device of a single module. Required with O(state=present).
      - With O(state=absent) and O(name), the module is removed only if it belongs to this device. Without O(name) and
        O(id), all modules of this device are removed.
    type: str
  request_timeframe_days:
    description:
      - The Request Timeframe, in days, V(1) to V(365).
    type: int
    default: 30
  enabled:
    description:
      - Whether the modules are enabled.
    type: bool
    default: true
  product:
    description:
      - The product of the appliances, V(esa) for Email Security Appliances or V(sma) for Security Management Appliances.
    type: str
    default: esa
    choices: [esa, sma]
  module_types:
    description:
      - The module type of each product. By default, the module finds the types by the names of the products in their
        titles.
    type: dict
    suboptions:
      esa:
        description:
          - The module type of Email Security Appliances.
        type: dict
        suboptions: &module_type
          id:
            description:
              - The id of the module type. Each region has different ids.
            type: str
          title:
            description:
              - The title of the module type.
            type: str
      sma:
        description:
          - The module type of Security Management Appliances.
        type: dict
        suboptions: *module_type
  state:
    description:
      - Whether the modules must exist.
    type: str
    default: present
    choices: [present, absent]
  assumed_devices:
    description:
      - Names of devices that earlier tasks of the run register. In check mode, these devices count as registered.
        Otherwise, this option has no effect.
    type: list
    elements: str
    default: []
  known_devices:
    description:
      - All devices of the region, from a recent M(emailsec.ctr.sse_device_facts) task without filters. Set this to avoid
        reading the list again.
    type: list
    elements: dict
  list_orphans:
    description:
      - Whether to list orphaned modules, and devices with several modules.
      - The lists contain the modules of both products, also if O(modules) is empty. A product that is not in O(modules) is
        skipped if the tenant does not have its module type.
      - Nothing is removed. To remove orphaned modules, pass them as O(modules) with O(state=absent).
    type: bool
    default: false
seealso:
  - module: emailsec.ctr.sse_device
  - module: emailsec.ctr.sse_token
  - module: emailsec.ctr.sse_device_facts
"""

EXAMPLES = r"""
- name: Add the module of an appliance
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    name: ESA 1
    device: esa1.example.com
    request_timeframe_days: 60

- name: Add the modules of a region in one task
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    modules:
      - name: ESA 1
        device: esa1.example.com
      - name: ESA 2
        device: esa2.example.com
        enabled: false
      - name: SMA
        device: sma.example.com
        product: sma

- name: Remove a module
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    name: ESA 1
    state: absent

- name: List orphaned modules
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    modules: []
    list_orphans: true
  register: listed

- name: Remove orphaned modules
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    modules: "{{ listed.orphans }}"
    state: absent
"""

RETURN = r"""
modules:
  description:
    - The result for each module, in the order given. With O(state=absent), a device without name and id returns an entry
      for each of its modules, or an entry with V(none) if it has no modules.
  returned: unless an option is invalid or the region cannot be read
  type: list
  elements: dict
  contains:
    name:
      description: The name of the module; null if no module has the given device or id.
      type: str
    id:
      description: The id of the module; null if it does not exist, or would be created in check mode.
      type: str
    device_id:
      description: The id of its device; null if unknown.
      type: str
    device_name:
      description: The name of its device; null if unknown.
      type: str
    request_timeframe_days:
      description: The Request Timeframe, in days; null with O(state=absent).
      type: int
    enabled:
      description: Whether it is enabled; null with O(state=absent).
      type: bool
    action:
      description: V(none), V(created), V(updated), V(deleted), V(failed) or V(by_hand).
      type: str
    error:
      description: The error; null unless the action is V(failed).
      type: str
    by_hand:
      description: The manual steps in the portal, for the action V(by_hand); otherwise null.
      type: str
    meanwhile:
      description:
        - What another run or an administrator changed after this task had read it, V(module_added), V(module_deleted),
          V(deregistered) or V(record_deleted); null if nothing changed.
      type: str
    found:
      description: The module before the task; null if it did not exist, or the selection is ambiguous.
      type: dict
      contains:
        name:
          description: The name of the module.
          type: str
        device_id:
          description: The id of its device; null if it has none.
          type: str
        request_timeframe_days:
          description: The Request Timeframe, in days; null if it is not a whole number.
          type: int
        enabled:
          description: Whether it is enabled.
          type: bool
  sample:
    - name: ESA 1
      id: 5c0f8b1e-3f0b-4a63-9f2c-5a2b7d9e4c10
      device_id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
      device_name: esa1.example.com
      request_timeframe_days: 30
      enabled: true
      action: created
      error:
      by_hand:
      found:
module_types:
  description: The module types of the products.
  returned: unless an option is invalid or the region cannot be read
  type: list
  elements: dict
  contains:
    product:
      description: The product.
      type: str
    id:
      description: The id of its module type.
      type: str
    title:
      description: The title of its module type.
      type: str
    devices_offered:
      description:
        - The number of devices in its field Registered Device; null if the API does not list them. The field is empty
          until CTR is enabled in the Cloud Services tab of SSE.
      type: int
instances:
  description: All modules of email appliances before the task. Null without O(list_orphans).
  returned: unless an option is invalid or the region cannot be read
  type: list
  elements: dict
  contains:
    id:
      description: The id of the module.
      type: str
    name:
      description: The name of the module.
      type: str
    product:
      description: The product of the module, V(esa) or V(sma).
      type: str
    device_id:
      description: The id of its device; null if it has none.
      type: str
    request_timeframe_days:
      description: The Request Timeframe, in days; null if it is not a whole number.
      type: int
    enabled:
      description: Whether it is enabled.
      type: bool
orphans:
  description:
    - Modules of email appliances whose device is not set or not in SSE, after the task.
    - Null without O(list_orphans), or if the devices cannot be read.
  returned: unless an option is invalid or the region cannot be read
  type: list
  elements: dict
  contains:
    id:
      description: The id of the module.
      type: str
    name:
      description: The name of the module.
      type: str
    product:
      description: The product of the module, V(esa) or V(sma).
      type: str
    device_id:
      description: The id of the missing device; null if the module has no device.
      type: str
duplicates:
  description:
    - The devices with more than one module of a product after the task. Null without O(list_orphans).
  returned: unless an option is invalid or the region cannot be read
  type: list
  elements: dict
  contains:
    device_id:
      description: The id of the device.
      type: str
    device_name:
      description: The name of the device; null if unknown.
      type: str
    product:
      description: The product of the modules, V(esa) or V(sma).
      type: str
    modules:
      description: The modules.
      type: list
      elements: dict
      contains:
        id:
          description: The id of the module; null if it would be created in check mode.
          type: str
        name:
          description: The name of the module.
          type: str
api_calls:
  description: The number of API requests of the task, including log-ins and retries.
  returned: always
  type: int
  sample: 4
quota:
  description: The API quota of the organization for 60 minutes, from the latest answer of the API.
  returned: always
  type: dict
  contains:
    limit:
      description: The number of permitted requests; null if the API did not report it.
      type: int
    remaining:
      description: The number of requests left; null if the API did not report it.
      type: int
    said_at:
      description: The time of the report, in UTC; null if the API did not report the quota.
      type: str
  sample:
    limit: 8000
    remaining: 7996
    said_at: "2026-01-01T12:00:00Z"
error:
  description: The error name of the API for the first failure.
  returned: failure
  type: str
  sample: missing_scope
error_description:
  description: The error description of the API for the first failure.
  returned: failure
  type: str
trace_id:
  description: The trace id of the API for the first failure, for the vendor's support.
  returned: failure
  type: str
http_status:
  description: The HTTP status of the first failure.
  returned: failure
  type: int
  sample: 403
path:
  description: Method and path of the request that failed first.
  returned: failure
  type: str
  sample: GET /iroh/iroh-int/module-type
fix:
  description: The action that fixes the first failure.
  returned: failure
  type: str
problem:
  description: The problem, without the host and the fix.
  returned: failure
  type: str
remedy:
  description: An alias of RV(fix). It will be removed in the next release.
  returned: failure
  type: str
"""

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.ctr_module import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
