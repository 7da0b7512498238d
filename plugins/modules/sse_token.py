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
  - Gives each of the named devices that is not registered in Security Services Exchange (SSE) a registration token,
    with which the appliance then registers. A device that SSE does not know is added; one that is registered gets none.
  - A token is a secret. A result that holds tokens is hidden in all output, also without C(no_log), and can still be
    registered and used.
  - A device that fails does not keep the others from their tokens. The task then fails at its end, naming each.
extends_documentation_fragment:
  - emailsec.ctr.cloud
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.actiongroup_cloud
  - emailsec.ctr.attributes.action
attributes:
  check_mode:
    support: full
    details:
      - Issues nothing and says for each device what it would do. There is no token to return then.
  diff_mode:
    support: full
options:
  devices:
    description:
      - The names of the devices, which are the host names of the appliances. Any number; one request for each token.
      - Upper and lower case do not count.
    type: list
    elements: str
    required: true
  lifetime:
    description:
      - How long a token can be used. These are the lifetimes that the portal offers.
    type: str
    default: 1h
    choices: [1h, 2h, 4h, 6h, 8h, 12h, 1d, 2d, 3d, 4d, 5d]
  dest:
    description:
      - A file to save the tokens to, on the machine that runs the task. It is replaced in one step, and only its owner
        may read it (mode 0600).
      - One JSON object per line, with C(name), C(device_id), C(token), C(expires_at) and C(region).
      - It is written only if tokens were issued. Give each region a file of its own.
    type: path
  known_devices:
    description:
      - All devices of the region, as M(emailsec.ctr.sse_device_facts) returned them without any filter a moment ago.
        It saves reading the list.
    type: list
    elements: dict
  state:
    description:
      - Tokens can only be issued.
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

- name: Issue tokens into a file for whoever registers the appliances by hand
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
  description: What was done for each device, in the order of O(devices).
  returned: unless an option is refused or the devices cannot be listed at all
  type: list
  elements: dict
  contains:
    name:
      description: The name, as it was given.
      type: str
    id:
      description: The id of the device in SSE; null if it is not there.
      type: str
    action:
      description:
        - V(none) for a registered device, V(new_token), V(added) for one that got its token by being added, or
          V(failed).
      type: str
    error:
      description: Why it failed; null if it did not.
      type: str
  sample:
    - name: esa1.example.com
      id: 0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11
      action: new_token
      error:
tokens:
  description:
    - The tokens that were issued, also by a task that fails later. Empty in check mode.
    - A result that holds any is hidden from all output.
  returned: unless an option is refused or the devices cannot be listed at all
  type: list
  elements: dict
  contains:
    name:
      description: The name of the device, as it was given.
      type: str
    device_id:
      description: The id of the device in SSE.
      type: str
    token:
      description: The registration token.
      type: str
    expires_at:
      description: When the token stops working, as the API says it.
      type: str
dest:
  description: The file of the option O(dest); null without it.
  returned: unless an option is refused or the devices cannot be listed at all
  type: str
  sample: /root/tokens-americas.jsonl
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
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse.tokens import issue_tokens
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.sse_fields import LIFETIMES


def main() -> None:
    module = AnsibleModule(
        argument_spec=cloud_argument_spec(
            devices={"type": "list", "elements": "str", "required": True},
            lifetime={"type": "str", "default": "1h", "choices": list(LIFETIMES)},
            dest={"type": "path"},
            known_devices={"type": "list", "elements": "dict"},
            state={"type": "str", "default": "present", "choices": ["present"]},
        ),
        supports_check_mode=True,
    )
    run_cloud_module(module, issue_tokens)


if __name__ == "__main__":
    main()
