#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sse_device_facts
short_description: Read the devices of Security Services Exchange, and wait until they are registered
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the list of devices of a region from Security Services Exchange (SSE) into facts.
  - With O(wait_for), reads it again and again until the named devices are registered, and shows progress meanwhile.
    Each reading is one list of the whole region, however many devices are waited for.
  - It never changes anything.
extends_documentation_fragment:
  - emailsec.ctr.cloud
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.actiongroup_cloud
  - emailsec.ctr.attributes.action
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - There is nothing to show, as nothing is ever changed.
options:
  names:
    description:
      - Only devices of these names; upper and lower case do not count. An empty list gives no device, and no request.
    type: list
    elements: str
  type:
    description:
      - Only devices of this type, such as V(ESA) or V(SMA).
    type: str
  status:
    description:
      - Only devices of this status, such as V(Registered).
    type: str
  wait_for:
    description:
      - Wait until all devices in O(names) are in this state. On failure the message names those that are not.
    type: str
    choices: [registered]
  wait_timeout:
    description:
      - Seconds to wait at most.
    type: float
    default: 600.0
  wait_interval:
    description:
      - Seconds between two readings of the list.
    type: float
    default: 10.0
  wait_progress:
    description:
      - Used by the action plugin of this name between its repetitions of the module. Do not set it.
    type: dict
    suboptions:
      seen:
        description:
          - How many devices were registered at the reading before.
        type: int
      elapsed:
        description:
          - Seconds waited so far.
        type: float
        default: 0.0
seealso:
  - module: emailsec.ctr.sse_device
  - module: emailsec.ctr.sse_token
  - module: emailsec.ctr.ctr_module
"""

EXAMPLES = r"""
- name: Read all devices of a region
  emailsec.ctr.sse_device_facts:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"

- name: Wait until the appliances are registered
  emailsec.ctr.sse_device_facts:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    names:
      - esa1.example.com
      - esa2.example.com
    wait_for: registered
    wait_timeout: 900
"""

RETURN = r"""
ansible_facts:
  description: The facts read.
  returned: success, and when time is up
  type: dict
  contains:
    sse_devices:
      description: The devices that the filters let through, in the order of the API, oldest first.
      returned: success, and when time is up
      type: list
      elements: dict
      contains:
        id:
          description: The id of the device.
          type: str
        name:
          description: The name; the host name of the appliance.
          type: str
        type:
          description: What it is, such as V(ESA); null if not said.
          type: str
        version:
          description: The version of AsyncOS; null if not said.
          type: str
        status:
          description: The status, such as V(Registered).
          type: str
        description:
          description: The description; null if not said.
          type: str
        ip_address:
          description: The IP address; null if not said.
          type: str
        connector_version:
          description: The version of the appliance's connector; null if not said.
          type: str
        created:
          description: When it was added, as the API says it; null if not said.
          type: str
        region:
          description: The region it is of.
          type: str
      sample:
        - id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
          name: esa1.example.com
          type: ESA
          version: 13.0.0
          status: Registered
          description:
          ip_address: 192.0.2.11
          connector_version: 1.3.34
          created: "2026-01-12T09:30:00Z"
          region: europe
duplicates:
  description:
    - The names that two or more devices of the region have; upper and lower case do not count. With O(names), only
      those named. The other filters do not count here.
  returned: success, and when time is up
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
    ids:
      description: The ids of the devices that have it.
      type: list
      elements: str
  sample: []
missing:
  description: On a time-out, the named devices that are not registered, and the status of each.
  returned: when time is up
  type: dict
  sample:
    esa2.example.com: Pending
    esa3.example.com: not in SSE
waited:
  description: What was waited for; null without O(wait_for).
  returned: success, and when time is up
  type: dict
  contains:
    registered:
      description: How many of the named devices are registered.
      type: int
    of:
      description: How many devices are named.
      type: int
    done:
      description: Whether all are.
      type: bool
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
  description: The API's name for the failure.
  returned: failure
  type: str
  sample: missing_scope
error_description:
  description: The API's words about the failure.
  returned: failure
  type: str
trace_id:
  description: The API's trace id of the failure, for the vendor's support.
  returned: failure
  type: str
http_status:
  description: The HTTP status of the failure.
  returned: failure
  type: int
  sample: 403
path:
  description: Method and path of the request that failed.
  returned: failure
  type: str
  sample: GET /iroh/iroh-sse/device
fix:
  description: What to do about the failure.
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
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.waiting import gather_device_facts
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import PROGRESS_OPTION


def main() -> None:
    module = AnsibleModule(
        argument_spec=cloud_argument_spec(
            names={"type": "list", "elements": "str"},
            type={"type": "str"},
            status={"type": "str"},
            wait_for={"type": "str", "choices": ["registered"]},
            wait_timeout={"type": "float", "default": 600.0},
            wait_interval={"type": "float", "default": 10.0},
            wait_progress=PROGRESS_OPTION,
        ),
        required_by={"wait_for": ["names"]},
        supports_check_mode=True,
    )
    run_cloud_module(module, gather_device_facts)


if __name__ == "__main__":
    main()
