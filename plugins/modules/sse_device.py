#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sse_device
short_description: Manage device records in Security Services Exchange
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Adds, updates and deletes device records in Security Services Exchange (SSE). It does not change the appliances.
  - SSE issues a registration token for each new record. This module discards the token. To issue a token, use
    M(emailsec.ctr.sse_token).
  - Deletes a record only if its device is not registered, and its type is in O(types) or unknown.
  - SSE may complete deletions later. The module then waits until SSE no longer lists the devices.
  - If a device fails, the module continues with the other devices. At the end, the task fails and lists the failures.
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
  devices:
    description:
      - The devices. Each entry needs a name or an id.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name of the device, which is the host name of the appliance. It is not case-sensitive.
          - If SSE has several devices with this name, the device fails. To select one of them, set O(devices[].id).
        type: str
      id:
        description:
          - The id of the device. If O(devices[].name) is also set, it must be the name of this device.
        type: str
      description:
        description:
          - The description, for O(state=present). By default, the description is unchanged.
        type: str
      allow_registered:
        description:
          - Whether to permit deletion of this record if the device is registered. By default, O(allow_registered).
        type: bool
  name:
    description:
      - The name of a single device.
    type: str
  id:
    description:
      - The id of a single device.
    type: str
  description:
    description:
      - The description of a single device.
    type: str
  state:
    description:
      - Whether the records must exist.
    type: str
    default: present
    choices: [present, absent]
  types:
    description:
      - The types of devices that may be deleted, not case-sensitive. Devices of other types are refused.
      - A device that never registered has no type, and may be deleted.
    type: list
    elements: str
    default: [ESA, SMA]
  allow_registered:
    description:
      - Whether to permit deletion of records whose device is registered.
      - If its record is deleted, a running appliance keeps a registration that SSE no longer knows. Deregister the
        appliance first. Set this only if the appliance no longer exists, or reports that it is deregistered.
    type: bool
    default: false
  known_devices:
    description:
      - All devices of the region, from a recent M(emailsec.ctr.sse_device_facts) task without filters. Set this to avoid
        reading the list again.
      - The list must include the changes of earlier tasks, such as deregistrations.
    type: list
    elements: dict
  wait_timeout:
    description:
      - Seconds to wait for deletions that SSE completes later.
    type: float
    default: 120.0
  wait_interval:
    description:
      - The polling interval, in seconds.
    type: float
    default: 5.0
seealso:
  - module: emailsec.ctr.sse_device_facts
  - module: emailsec.ctr.sse_token
  - module: emailsec.ctr.esa_cloud_service
"""

EXAMPLES = r"""
- name: Set the description of a device
  emailsec.ctr.sse_device:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    name: esa1.example.com
    description: Gateway of the first site

- name: Delete the records of deregistered appliances
  emailsec.ctr.sse_device:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    devices:
      - name: esa1.example.com
      - id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
    state: absent

- name: Delete the record of an appliance that no longer exists
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
  description: The result for each device, in the order given.
  returned: unless an option is invalid or the devices cannot be read
  type: list
  elements: dict
  contains:
    name:
      description: The name from the option, or else from SSE; null if unknown.
      type: str
    id:
      description: The id of the device; null if it does not exist, or would be added in check mode.
      type: str
    type:
      description: The type of the device before the task; null if unknown.
      type: str
    status:
      description: The status of the device before the task; null if it did not exist.
      type: str
    action:
      description: V(none), V(created), V(updated), V(deleted) or V(failed).
      type: str
    error:
      description: The error; null unless the action is V(failed).
      type: str
    meanwhile:
      description:
        - V(record_deleted) if another run had already deleted the record.
        - V(registered) if the record was kept because its device is registered, O(allow_registered) is true, and
          O(devices[].allow_registered) is false. Otherwise null.
      type: str
  sample:
    - name: esa1.example.com
      id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
      type: ESA
      status: Unregistered
      action: deleted
      error:
      meanwhile:
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
  sample: GET /iroh/iroh-sse/device
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

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.sse_device import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
