#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sse_device_facts
short_description: Read devices from Security Services Exchange, and wait for registration
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the devices of a region from Security Services Exchange (SSE) into facts.
  - With O(wait_for), polls SSE until the named devices are registered, and shows progress. Each poll reads the whole list
    of the region once, for any number of devices.
  - The module changes nothing.
extends_documentation_fragment:
  - emailsec.ctr.profile
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
      - The module changes nothing.
options:
  names:
    description:
      - Return only devices with these names, not case-sensitive. An empty list returns no devices, without a request.
    type: list
    elements: str
  type:
    description:
      - Return only devices of this type, such as V(ESA) or V(SMA).
    type: str
  status:
    description:
      - Return only devices with this status, such as V(Registered).
    type: str
  wait_for:
    description:
      - Wait until all devices in O(names) have this status. On time-out, the message lists the other devices.
    type: str
    choices: [registered]
  wait_timeout:
    description:
      - Seconds to wait for O(wait_for).
    type: float
    default: 600.0
  wait_interval:
    description:
      - The polling interval, in seconds.
    type: float
    default: 10.0
  wait_progress:
    description:
      - For internal use by the action plugin. Do not set it.
    type: dict
    suboptions:
      seen:
        description:
          - The number of registered devices at the previous poll.
        type: int
      elapsed:
        description:
          - Seconds waited in earlier runs.
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

- name: Wait for the registration of appliances
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
  description: The facts.
  returned: success and time-out
  type: dict
  contains:
    sse_devices:
      description: The devices that match the filters, in the order of the API, oldest first.
      returned: success and time-out
      type: list
      elements: dict
      contains:
        id:
          description: The id of the device.
          type: str
        name:
          description: The name of the device, which is the host name of the appliance.
          type: str
        type:
          description: The type, such as V(ESA); null if unknown.
          type: str
        version:
          description: The version of AsyncOS; null if unknown.
          type: str
        status:
          description: The status, such as V(Registered).
          type: str
        description:
          description: The description; null if there is none.
          type: str
        ip_address:
          description: The IP address; null if unknown.
          type: str
        connector_version:
          description: The version of the connector on the appliance; null if unknown.
          type: str
        created:
          description: The time of creation, as the API sent it; null if unknown.
          type: str
        region:
          description: The region of the device.
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
    - Duplicate names, not case-sensitive, among all devices of the region, or among the devices in O(names). The filters
      O(type) and O(status) do not apply.
  returned: success and time-out
  type: list
  elements: dict
  contains:
    name:
      description: The name.
      type: str
    ids:
      description: The ids of the devices with this name.
      type: list
      elements: str
  sample: []
missing:
  description: The named devices that are not registered, with their status.
  returned: time-out
  type: dict
  sample:
    esa2.example.com: Pending
    esa3.example.com: not in SSE
waited:
  description: The progress of O(wait_for); null without O(wait_for).
  returned: success and time-out
  type: dict
  contains:
    registered:
      description: The number of named devices that are registered.
      type: int
    of:
      description: The number of named devices.
      type: int
    done:
      description: Whether all named devices are registered.
      type: bool
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
  description: The error name of the API for the failure.
  returned: failure
  type: str
  sample: missing_scope
error_description:
  description: The error description of the API for the failure.
  returned: failure
  type: str
trace_id:
  description: The trace id of the API for the failure, for the vendor's support.
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
  description: The action that fixes the failure.
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

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.sse_device_facts import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
