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
  - A module is found by its name. If none has the name, but the device has a module of another name, that one is
    renamed. Settings other than those named here are kept.
  - Modules of one name for one device are one module that two runs at the same time made. The oldest is kept, the others
    are removed; with O(state=absent), all of them are. Right after creating, the task looks whether another run did the
    same, and removes its own module again if the other one is older.
  - A module that fails does not keep the others from being dealt with. The task then fails at its end, naming each.
  - Where the API client lacks the scope V(sse), the id of a device is not known by its name. A module that is there by
    its name is then brought into line but for its device; for any other, RV(modules[].by_hand) says what to enter in
    the portal. The task does not fail because of these.
extends_documentation_fragment:
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
      - The modules, any number of them.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The Module Name. Required for O(state=present).
        type: str
      id:
        description:
          - The id of the module, for O(state=absent) alone. Name and device, if given too, must be those of it.
          - It is looked for among the modules of the product.
        type: str
      device:
        description:
          - The name or id of the Registered Device. Required for O(state=present).
          - With O(state=absent) and neither name nor id, all modules of this device are removed, whatever their names.
        type: str
        aliases: [device_id]
      request_timeframe_days:
        description:
          - The Request Timeframe, in days, V(1) to V(365). Without it, that of the task.
        type: int
      enabled:
        description:
          - Whether the module is enabled. Without it, what the task says.
        type: bool
      product:
        description:
          - What the appliance is. Without it, what the task says.
        type: str
        choices: [esa, sma]
  name:
    description:
      - The Module Name, for one module.
    type: str
  id:
    description:
      - The id of the module, for one module and O(state=absent) alone.
    type: str
  device:
    description:
      - The name or id of the Registered Device, for one module. Required for O(state=present).
      - With O(state=absent) and O(name), only a module of this device is removed; without O(name) and O(id), all
        modules of this device.
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
      - What the appliances are, V(esa) for Email Security Appliances or V(sma) for Security Management Appliances.
    type: str
    default: esa
    choices: [esa, sma]
  module_types:
    description:
      - The module type of a product, if it is not found by the names of the product. Without it, types are looked for by
        their titles.
    type: dict
    suboptions:
      esa:
        description:
          - The module type of Email Security Appliances.
        type: dict
        suboptions: &module_type
          id:
            description:
              - The id of the module type. It differs from region to region.
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
      - Whether the modules are there.
    type: str
    default: present
    choices: [present, absent]
  assumed_devices:
    description:
      - Names of devices that an earlier task of the same run registers, but not in check mode. In check mode, and only
        then, these are taken for registered.
    type: list
    elements: str
    default: []
  known_devices:
    description:
      - All devices of the region, as M(emailsec.ctr.sse_device_facts) returned them without any filter a moment ago.
        It saves reading the list.
    type: list
    elements: dict
  list_orphans:
    description:
      - Whether to tell the modules whose device is gone, and the devices that have several modules.
      - The modules of both products are looked at then, also with an empty list of O(modules). A tenant need not have
        the module type of a product that no module asks for.
      - It removes nothing. To remove orphans, give them as O(modules) with O(state=absent).
    type: bool
    default: false
seealso:
  - module: emailsec.ctr.sse_device
  - module: emailsec.ctr.sse_token
  - module: emailsec.ctr.sse_device_facts
"""

EXAMPLES = r"""
- name: Add the module of one appliance
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

- name: Tell the modules whose device is gone
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    modules: []
    list_orphans: true
  register: seen

- name: Remove them
  emailsec.ctr.ctr_module:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    modules: "{{ seen.orphans }}"
    state: absent
"""

RETURN = r"""
modules:
  description:
    - What was done for each module, in the order given. With O(state=absent), a device without name and id gives one
      entry for each module that it has, and one with V(none) if it has none.
  returned: unless an option is refused or nothing can be read at all
  type: list
  elements: dict
  contains:
    name:
      description: The name of the module; null where a device or an id was given that no module has.
      type: str
    id:
      description: The id of the module; null if it is not there, or would be created.
      type: str
    device_id:
      description: The id of its device; null if that is not known.
      type: str
    device_name:
      description: The name of its device; null if that is not known.
      type: str
    request_timeframe_days:
      description: The Request Timeframe, in days; null with O(state=absent).
      type: int
    enabled:
      description: Whether it is enabled; null with O(state=absent).
      type: bool
    action:
      description: One of V(none), V(created), V(updated), V(deleted), V(failed), V(by_hand).
      type: str
    error:
      description: Why it failed; null if it did not.
      type: str
    by_hand:
      description: What to do in the portal, for the action V(by_hand); null for all others.
      type: str
    found:
      description: What was there before the task; null if nothing was, or it is not certain which module is meant.
      type: dict
      contains:
        name:
          description: The name of the module.
          type: str
        device_id:
          description: The id of its device; null if it has none.
          type: str
        request_timeframe_days:
          description: The Request Timeframe, in days; null if it is no whole number.
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
  description: The module types that were found for the products.
  returned: unless an option is refused or nothing can be read at all
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
        - How many devices its field Registered Device offers; null where the API does not list them. None are offered while
          CTR is not enabled in the Cloud Services tab of SSE.
      type: int
instances:
  description: All modules of email appliances, as the task found them. Null without O(list_orphans).
  returned: unless an option is refused or nothing can be read at all
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
      description: What the module is for, V(esa) or V(sma).
      type: str
    device_id:
      description: The id of its device; null if it has none.
      type: str
    request_timeframe_days:
      description: The Request Timeframe, in days; null if it is no whole number.
      type: int
    enabled:
      description: Whether it is enabled.
      type: bool
orphans:
  description:
    - The modules of email appliances that have no device, or one that SSE does not know, as the task leaves them.
    - Null without O(list_orphans), and where the devices cannot be read.
  returned: unless an option is refused or nothing can be read at all
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
      description: What the module is for, V(esa) or V(sma).
      type: str
    device_id:
      description: The id of the device that is gone; null if the module has none.
      type: str
duplicates:
  description:
    - The devices that have more than one module of a product, as the task leaves them. Null without O(list_orphans).
  returned: unless an option is refused or nothing can be read at all
  type: list
  elements: dict
  contains:
    device_id:
      description: The id of the device.
      type: str
    device_name:
      description: The name of the device; null if that is not known.
      type: str
    product:
      description: What the modules are for, V(esa) or V(sma).
      type: str
    modules:
      description: The modules.
      type: list
      elements: dict
      contains:
        id:
          description: The id of the module; null for one that is yet to be made, in check mode.
          type: str
        name:
          description: The name of the module.
          type: str
api_calls:
  description: How many requests the task sent to the API, log-ins and repetitions included.
  returned: always
  type: int
  sample: 4
quota:
  description: The requests that the organisation may make in 60 minutes, as the newest answer of the API says.
  returned: always
  type: dict
  contains:
    limit:
      description: How many there are; null where the API did not say.
      type: int
    remaining:
      description: How many are left of them; null where the API did not say.
      type: int
    said_at:
      description: When that was said, in UTC; null where the API did not say anything.
      type: str
  sample:
    limit: 8000
    remaining: 7996
    said_at: "2026-01-01T12:00:00Z"
error:
  description: The API's name for the first failure.
  returned: failure
  type: str
  sample: missing_scope
error_description:
  description: The API's words about the first failure.
  returned: failure
  type: str
trace_id:
  description: The API's trace id of the first failure, for the vendor's support.
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
  description: What to do about the first failure.
  returned: failure
  type: str
problem:
  description: What went wrong, without the host and the fix.
  returned: failure
  type: str
remedy:
  description: The same as RV(fix), for playbooks that use the older name. It will be removed in the next release.
  returned: failure
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.ctr.modules import ensure_modules
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import cloud_argument_spec, run_cloud_module

PRODUCTS = ["esa", "sma"]
MODULE_TYPE = {
    "type": "dict",
    "options": {"id": {"type": "str"}, "title": {"type": "str"}},
    "mutually_exclusive": [("id", "title")],
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=cloud_argument_spec(
            modules={
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str"},
                    "id": {"type": "str"},
                    "device": {"type": "str", "aliases": ["device_id"]},
                    "request_timeframe_days": {"type": "int"},
                    "enabled": {"type": "bool"},
                    "product": {"type": "str", "choices": PRODUCTS},
                },
            },
            name={"type": "str"},
            id={"type": "str"},
            device={"type": "str"},
            request_timeframe_days={"type": "int", "default": 30},
            enabled={"type": "bool", "default": True},
            product={"type": "str", "default": "esa", "choices": PRODUCTS},
            module_types={"type": "dict", "options": dict.fromkeys(PRODUCTS, MODULE_TYPE)},
            state={"type": "str", "default": "present", "choices": ["present", "absent"]},
            assumed_devices={"type": "list", "elements": "str", "default": []},
            known_devices={"type": "list", "elements": "dict"},
            list_orphans={"type": "bool", "default": False},
        ),
        mutually_exclusive=[
            ("modules", "name"),
            ("modules", "id"),
            ("modules", "device"),
        ],
        required_one_of=[("modules", "name", "id", "device")],
        supports_check_mode=True,
    )
    run_cloud_module(module, ensure_modules)


if __name__ == "__main__":
    main()
