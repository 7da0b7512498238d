#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sse_token
short_description: Issue registration tokens for email appliances in Security Services Exchange
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Issues a registration token in Security Services Exchange (SSE) for each named device that is not registered. The
    appliance registers with this token. Missing devices are added. Registered devices are skipped.
  - Tokens are secret. The output hides a result that contains tokens, also without C(no_log). C(register) still works.
  - If a device fails, the module continues with the other devices. At the end, the task fails and lists the failures.
extends_documentation_fragment:
  - emailsec.ctr.profile
  - emailsec.ctr.cloud
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.actiongroup_cloud
  - emailsec.ctr.attributes.action
attributes:
  check_mode:
    support: full
    details:
      - Predicts the action for each device. Issues and returns no tokens.
  diff_mode:
    support: full
options:
  devices:
    description:
      - The names of the devices, which are the host names of the appliances. They are not case-sensitive.
      - Each token costs one request.
    type: list
    elements: str
    required: true
  lifetime:
    description:
      - The lifetime of the tokens. The choices are the lifetimes in the portal.
    type: str
    default: 1h
    choices: [1h, 2h, 4h, 6h, 8h, 12h, 1d, 2d, 3d, 4d, 5d]
  dest:
    description:
      - A file for the tokens, on the machine that runs the task. It is replaced atomically, with mode 0600.
      - Each line is a JSON object with C(name), C(device_id), C(token), C(expires_at) and C(region).
      - The file is written only if tokens were issued. Use a separate file for each region.
    type: path
  known_devices:
    description:
      - All devices of the region, from a recent M(emailsec.ctr.sse_device_facts) task without filters. Set this to avoid
        reading the list again.
    type: list
    elements: dict
  state:
    description:
      - The module can only issue tokens.
    type: str
    default: present
    choices: [present]
seealso:
  - module: emailsec.ctr.sse_device_facts
  - module: emailsec.ctr.ctr_module
"""

EXAMPLES = r"""
- name: Issue tokens for two appliances
  emailsec.ctr.sse_token:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    devices:
      - esa1.example.com
      - esa2.example.com
    lifetime: 4h
  register: issued
  no_log: true

- name: Save tokens to a file for manual registration
  emailsec.ctr.sse_token:
    region: americas
    devices: "{{ groups['esa_americas'] }}"
    lifetime: 2d
    dest: ~/tokens-americas.jsonl
  environment:
    CTR_CLIENT_ID: "{{ ctr_client_id }}"
    CTR_CLIENT_PASSWORD: "{{ ctr_client_password }}"
"""

RETURN = r"""
devices:
  description: The result for each device, in the order of O(devices).
  returned: unless an option is invalid or the devices cannot be read
  type: list
  elements: dict
  contains:
    name:
      description: The name from the option.
      type: str
    id:
      description: The id of the device in SSE; null if it does not exist.
      type: str
    action:
      description:
        - V(none) for a registered device, V(new_token) for an existing device, V(added) for a new device, or V(failed).
      type: str
    error:
      description: The error; null unless the action is V(failed).
      type: str
    meanwhile:
      description:
        - What another run or an administrator changed after the devices were read, V(record_added), V(record_deleted) or
          V(registered). The module then read the devices again, and continued from the new state. Null if nothing changed.
      type: str
  sample:
    - name: esa1.example.com
      id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
      action: new_token
      error:
      meanwhile:
tokens:
  description:
    - The issued tokens, also if the task fails. Empty in check mode.
    - The output hides a result that contains tokens.
  returned: unless an option is invalid or the devices cannot be read
  type: list
  elements: dict
  contains:
    name:
      description: The name of the device from the option.
      type: str
    device_id:
      description: The id of the device in SSE.
      type: str
    token:
      description: The registration token.
      type: str
    expires_at:
      description: The expiry of the token, as the API sent it.
      type: str
dest:
  description: The file in O(dest); null without O(dest).
  returned: unless an option is invalid or the devices cannot be read
  type: str
  sample: /root/tokens-americas.jsonl
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

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.sse_token import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
