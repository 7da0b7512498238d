#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sse_device
short_description: Manage the records of email appliances in Security Services Exchange
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Adds, describes and removes records of devices in Security Services Exchange (SSE). It touches records alone, never
    an appliance.
  - SSE issues a registration token with each record that is added. This module drops it;
    M(emailsec.ctr.sse_token) issues one when it is needed.
  - A record is removed only if its device is of one of the O(types), or never said what it is, and is not registered.
  - SSE may finish the removal later. The module then waits, for all devices together, until SSE no longer lists them.
  - A device that fails does not keep the others from being dealt with. The task then fails at its end, naming each.
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
  devices:
    description:
      - The devices, any number of them. Each needs a name or an id.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name, which is the host name of the appliance. Upper and lower case do not count.
          - Where SSE has two devices of the name, the device fails, and O(devices[].id) says which one is meant.
        type: str
      id:
        description:
          - The id. With a name too, the device of this id must have that name.
        type: str
      description:
        description:
          - The description, for O(state=present). Without it, the one that is there stays.
        type: str
      allow_registered:
        description:
          - Whether this record may be removed although it is registered. Without it, what the task says.
        type: bool
  name:
    description:
      - The name, for one device.
    type: str
  id:
    description:
      - The id, for one device.
    type: str
  description:
    description:
      - The description, for one device.
    type: str
  state:
    description:
      - Whether the records are there.
    type: str
    default: present
    choices: [present, absent]
  types:
    description:
      - The types of devices that may be removed. A device of another type is refused; upper and lower case do not
        count.
      - A device that never registered has no type, and may be removed.
    type: list
    elements: str
    default: [ESA, SMA]
  allow_registered:
    description:
      - Whether a record may be removed although its device is registered.
      - An appliance that still works goes on sending with a registration that SSE no longer knows. Deregister it
        instead, and set this only for records whose appliance no longer exists or said that it is deregistered.
    type: bool
    default: false
  known_devices:
    description:
      - All devices of the region, as M(emailsec.ctr.sse_device_facts) returned them without any filter a moment ago.
        It saves reading the list.
      - What an earlier task changed in SSE since then is not in it, such as a deregistration.
    type: list
    elements: dict
  wait_timeout:
    description:
      - Seconds to wait, at most, for removals that SSE finishes later.
    type: float
    default: 120.0
  wait_interval:
    description:
      - Seconds between two readings of the list.
    type: float
    default: 5.0
seealso:
  - module: emailsec.ctr.sse_device_facts
  - module: emailsec.ctr.sse_token
  - module: emailsec.ctr.esa_cloud_service
"""

EXAMPLES = r"""
- name: Describe an appliance
  emailsec.ctr.sse_device:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    name: esa1.example.com
    description: Gateway of the first site

- name: Remove the records of deregistered appliances
  emailsec.ctr.sse_device:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    devices:
      - name: esa1.example.com
      - id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
    state: absent

- name: Remove the record of an appliance that no longer exists
  emailsec.ctr.sse_device:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    name: esa9.example.com
    allow_registered: true
    state: absent
"""

RETURN = r"""
devices:
  description: What was done for each device, in the order given.
  returned: unless an option is refused or the devices cannot be listed at all
  type: list
  elements: dict
  contains:
    name:
      description: The name, as it was given or else as SSE has it; null if neither is known.
      type: str
    id:
      description: The id of the device; null if it is not there, or would be added.
      type: str
    type:
      description: What SSE said that it is before the task; null if it said nothing.
      type: str
    status:
      description: The status that SSE showed before the task; null if it was not there.
      type: str
    action:
      description: One of V(none), V(created), V(updated), V(deleted), V(failed).
      type: str
    error:
      description: Why it failed; null if it did not.
      type: str
  sample:
    - name: esa1.example.com
      id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
      type: ESA
      status: Unregistered
      action: deleted
      error:
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
  sample: GET /iroh/iroh-sse/device
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

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import cloud_argument_spec, run_cloud_module
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.records import ensure_records


def main() -> None:
    module = AnsibleModule(
        argument_spec=cloud_argument_spec(
            devices={
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str"},
                    "id": {"type": "str"},
                    "description": {"type": "str"},
                    "allow_registered": {"type": "bool"},
                },
            },
            name={"type": "str"},
            id={"type": "str"},
            description={"type": "str"},
            state={"type": "str", "default": "present", "choices": ["present", "absent"]},
            types={"type": "list", "elements": "str", "default": ["ESA", "SMA"]},
            allow_registered={"type": "bool", "default": False},
            known_devices={"type": "list", "elements": "dict"},
            wait_timeout={"type": "float", "default": 120.0},
            wait_interval={"type": "float", "default": 5.0},
        ),
        mutually_exclusive=[("devices", "name"), ("devices", "id"), ("devices", "description")],
        required_one_of=[("devices", "name", "id")],
        supports_check_mode=True,
    )
    run_cloud_module(module, ensure_records)


if __name__ == "__main__":
    main()
