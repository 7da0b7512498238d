#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ctr_investigation_info
short_description: Investigate observables in Cisco Threat Response
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Asks the modules of Cisco Threat Response (CTR), or one of them, for sightings of observables such as a subject, a
    Message-ID or the address of a sender, and can wait until there is one.
  - Can check the health of the modules as well.
  - It never changes anything. Each look costs one call, one more with O(check_health); O(content) and O(module_name)
    cost one each at the start.
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
  content:
    description:
      - A text in which CTR looks for observables, as on the page Investigate of the portal.
      - The API client needs the scope V(inspect:read) for it. A text in which CTR finds none is a failure.
    type: str
  query:
    description:
      - Observables in the syntax of CTR, apart by blanks, such as C(email_subject:"Invoice Due" ip:"4.2.2.2").
      - Known are C(ip), C(domain), C(email) (a sender), C(email_messageid), C(email_subject), C(cisco_mid), C(sha256),
        C(file_name), and C(ipv6), C(url), C(hostname), C(sha1), C(md5), C(file_path), C(user).
      - The value stands in double quotes; within it, a backslash goes before a double quote or a backslash.
    type: str
  observables:
    description:
      - Observables as a list.
    type: list
    elements: dict
    suboptions:
      type:
        description:
          - The type, one of those that O(query) knows.
        type: str
        required: true
      value:
        description:
          - The value. Angle brackets around a Message-ID are left out.
        type: str
        required: true
      module_instance_id:
        description:
          - With O(wait_timeout), wait for a sighting of this module; those of others do not count. All modules are asked all
            the same, unless the option O(module_instance_id) limits that.
        type: str
  module_instance_id:
    description:
      - Ask only the module with this id. One that there is not, and one that is disabled, answer nothing.
    type: str
  module_name:
    description:
      - Ask only the module with this name, whose id is looked up.
    type: str
  check_health:
    description:
      - Check the health of the modules that are asked as well. It needs the scope V(integration).
      - With it, O(content), O(query) and O(observables) may be left out.
    type: bool
    default: false
  fail_on_errors:
    description:
      - Whether errors of single modules, which come in an answer of success, are failures. Those of the type
        V(warning) are warnings in either case.
    type: bool
    default: true
  wait_for:
    description:
      - Whether to wait for a sighting of V(any) of the observables, or of V(all) of them.
    type: str
    choices: [any, all]
    default: any
  wait_progress:
    description:
      - Used by the action plugin of this name between its repetitions of the module. Do not set it.
    type: dict
    suboptions:
      seen:
        description:
          - How many observables had a sighting at the look before.
        type: int
      elapsed:
        description:
          - Seconds waited so far.
        type: float
        default: 0.0
  wait_timeout:
    description:
      - Seconds to wait until there is a sighting; then the task fails if there is none. Progress is shown meanwhile.
      - V(0) looks once, and finding nothing is no failure.
    type: float
    default: 0.0
  wait_interval:
    description:
      - Seconds between two looks.
    type: float
    default: 10.0
seealso:
  - module: emailsec.ctr.ctr_module
  - module: emailsec.ctr.esa_message_tracking_info
"""

EXAMPLES = r"""
- name: Look for a message by its subject
  emailsec.ctr.ctr_investigation_info:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    query: email_subject:"Invoice Due" email:"noreply@example.com"
    module_name: esa1.example.com

- name: Wait until CTR knows a message
  emailsec.ctr.ctr_investigation_info:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    observables:
      - type: email_messageid
        value: 123-abc-456@example.com
    module_instance_id: 0407c063-cd4f-4f3a-a808-bf2ef8dc800f
    check_health: true
    wait_timeout: 300

- name: Find what a text is about
  emailsec.ctr.ctr_investigation_info:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    content: "{{ lookup('ansible.builtin.file', 'report.txt') }}"
    fail_on_errors: false
"""

RETURN = r"""
found:
  description: Whether any module has a sighting.
  returned: success, and where modules answer with errors or time is up
  type: bool
observables:
  description: What was asked for.
  returned: success, and where modules answer with errors or time is up
  type: list
  elements: dict
  sample:
    - {type: email_subject, value: Invoice Due}
sightings:
  description: The sightings of all modules. What is not said is null, or an empty list.
  returned: success, and where modules answer with errors or time is up
  type: list
  elements: dict
  contains:
    id:
      description: The id of the sighting.
      type: str
    module:
      description: The name of the module that has it.
      type: str
    module_instance_id:
      description: The id of that module.
      type: str
    observed_time:
      description: RV(sightings[].observed_time.start) and RV(sightings[].observed_time.end) of the observation.
      type: dict
      contains:
        start:
          description: The begin, as the API says it.
          type: str
        end:
          description: The end, as the API says it.
          type: str
    count:
      description: How often it was seen.
      type: int
    observables:
      description: What was seen, each with type and value.
      type: list
      elements: dict
    relations:
      description: How things were related, each with relation, source and related, the ends like C(email:a@example.com).
      type: list
      elements: dict
    source:
      description: Where it was seen.
      type: str
    sensor:
      description: The kind of sensor that saw it.
      type: str
    title:
      description: The title.
      type: str
    description:
      description: The description.
      type: str
    confidence:
      description: How sure the module is.
      type: str
    severity:
      description: The severity.
      type: str
  sample:
    - id: transient:sighting-6a3c8e2c-55a4-4b0a-9c1c-0d3f3a0d8a53
      module: esa1.example.com
      module_instance_id: 0407c063-cd4f-4f3a-a808-bf2ef8dc800f
      observed_time: {start: "2026-01-12T09:30:48.000Z", end: "2026-01-12T09:30:48.000Z"}
      count: 1
      observables:
        - {type: email_subject, value: Invoice Due}
      relations:
        - {relation: Sent_To, source: "email_subject:Invoice Due", related: "email:someone@example.com"}
      source: esa1.example.com
      sensor: network.gateway
      title: Email message
      description:
      confidence: High
      severity:
modules:
  description: The modules that answered, with or without sightings.
  returned: success, and where modules answer with errors or time is up
  type: list
  elements: dict
  contains:
    module:
      description: The name of the module.
      type: str
    module_instance_id:
      description: The id of the module.
      type: str
    module_type_id:
      description: The id of its type.
      type: str
    sightings_count:
      description: How many sightings it has.
      type: int
errors:
  description: The errors of single modules.
  returned: success, and where modules answer with errors or time is up
  type: list
  elements: dict
  contains:
    module:
      description: The name of the module.
      type: str
    module_instance_id:
      description: The id of the module.
      type: str
    module_type_id:
      description: The id of its type.
      type: str
    code:
      description: The API's name for the error.
      type: str
    message:
      description: The API's words about it.
      type: str
    type:
      description: V(fatal), V(error) or V(warning).
      type: str
health:
  description: The health of the modules; null without O(check_health).
  returned: success, and where modules answer with errors or time is up
  type: dict
  contains:
    status:
      description: V(ok), V(error) or V(unknown); the worst, where more than one module is asked.
      type: str
    modules:
      description: Each module with its status.
      type: list
      elements: dict
waited:
  description: How many observables have a sighting; null without O(wait_timeout).
  returned: success, and where modules answer with errors or time is up
  type: dict
  contains:
    found:
      description: How many have one.
      type: int
    of:
      description: How many were asked for.
      type: int
    done:
      description: Whether what was waited for is there.
      type: bool
looked_at:
  description: When the last answer came, in UTC.
  returned: success, and where modules answer with errors or time is up
  type: str
  sample: "2026-01-12T09:31:20Z"
module_instance_id:
  description: The id of the one module that was asked; null for all of them.
  returned: success, and where modules answer with errors or time is up
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
  sample: POST /iroh/iroh-enrich/observe/observables
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

from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.investigate.investigation import investigate
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.options import cloud_argument_spec, run_cloud_module
from ansible_collections.emailsec.ctr.plugins.module_utils._waiting import PROGRESS_OPTION


def main() -> None:
    module = AnsibleModule(
        argument_spec=cloud_argument_spec(
            content={"type": "str"},
            query={"type": "str"},
            observables={
                "type": "list",
                "elements": "dict",
                "options": {
                    "type": {"type": "str", "required": True},
                    "value": {"type": "str", "required": True},
                    "module_instance_id": {"type": "str"},
                },
            },
            module_instance_id={"type": "str"},
            module_name={"type": "str"},
            check_health={"type": "bool", "default": False},
            fail_on_errors={"type": "bool", "default": True},
            wait_for={"type": "str", "choices": ["any", "all"], "default": "any"},
            wait_progress=PROGRESS_OPTION,
            wait_timeout={"type": "float", "default": 0.0},
            wait_interval={"type": "float", "default": 10.0},
        ),
        mutually_exclusive=[("content", "query", "observables"), ("module_instance_id", "module_name")],
        supports_check_mode=True,
    )
    run_cloud_module(module, investigate)


if __name__ == "__main__":
    main()
