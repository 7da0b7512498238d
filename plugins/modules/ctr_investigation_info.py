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
  - Queries the modules of Cisco Threat Response (CTR), or one module, for sightings of observables such as a subject, a
    Message-ID or a sender address. Can wait for a sighting.
  - Can check the health of the modules.
  - The module changes nothing. Each poll costs one request, or two with O(check_health). O(content) and O(module_name)
    each cost one request at the start.
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
  content:
    description:
      - A text in which CTR finds observables, like the page Investigate of the portal.
      - The API client needs the scope V(inspect:read). If CTR finds no observables, the task fails.
    type: str
  query:
    description:
      - Observables in the syntax of CTR, separated by spaces, such as C(email_subject:"Invoice Due" ip:"4.2.2.2").
      - The types are C(ip), C(domain), C(email) (a sender), C(email_messageid), C(email_subject), C(cisco_mid), C(sha256),
        C(file_name), and C(ipv6), C(url), C(hostname), C(sha1), C(md5), C(file_path), C(user).
      - Write each value in double quotes. In a value, escape double quotes and backslashes with a backslash.
    type: str
  observables:
    description:
      - Observables as a list.
    type: list
    elements: dict
    suboptions:
      type:
        description:
          - The type of the observable. For the types, see O(query).
        type: str
        required: true
      value:
        description:
          - The value of the observable. Angle brackets around a Message-ID are removed.
        type: str
        required: true
      module_instance_id:
        description:
          - With O(wait_timeout), wait for a sighting of this module, and ignore sightings of other modules.
          - To query only one module, set O(module_instance_id).
        type: str
  module_instance_id:
    description:
      - Query only the module with this id. A missing or disabled module returns no sightings.
    type: str
  module_name:
    description:
      - Query only the module with this name.
    type: str
  check_health:
    description:
      - Whether to check the health of the queried modules. The API client needs the scope V(integration).
      - If V(true), O(content), O(query) and O(observables) are optional.
    type: bool
    default: false
  fail_on_errors:
    description:
      - Whether the task fails if single modules report errors. Errors of the type V(warning) are always warnings.
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
      - For internal use by the action plugin. Do not set it.
    type: dict
    suboptions:
      seen:
        description:
          - The number of observables with a sighting at the previous poll.
        type: int
      elapsed:
        description:
          - Seconds waited in earlier runs.
        type: float
        default: 0.0
  wait_timeout:
    description:
      - Seconds to wait for a sighting. The module shows progress, and fails on time-out.
      - With V(0), the module queries once, and succeeds without sightings.
    type: float
    default: 0.0
  wait_interval:
    description:
      - The polling interval, in seconds.
    type: float
    default: 10.0
seealso:
  - module: emailsec.ctr.ctr_module
  - module: emailsec.ctr.esa_message_tracking_info
"""

EXAMPLES = r"""
- name: Find a message by its subject
  emailsec.ctr.ctr_investigation_info:
    region: europe
    client_id: "{{ ctr_client_id }}"
    client_password: "{{ ctr_client_password }}"
    query: email_subject:"Invoice Due" email:"noreply@example.com"
    module_name: esa1.example.com

- name: Wait for a sighting of a message
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

- name: Investigate the observables in a text
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
  returned: success, errors of modules, and time-out
  type: bool
observables:
  description: The observables of the query.
  returned: success, errors of modules, and time-out
  type: list
  elements: dict
  sample:
    - {type: email_subject, value: Invoice Due}
sightings:
  description: The sightings of all modules. Missing values are null or an empty list.
  returned: success, errors of modules, and time-out
  type: list
  elements: dict
  contains:
    id:
      description: The id of the sighting.
      type: str
    module:
      description: The name of the module.
      type: str
    module_instance_id:
      description: The id of the module.
      type: str
    observed_time:
      description: The time of the observation.
      type: dict
      contains:
        start:
          description: The start, as the API sent it.
          type: str
        end:
          description: The end, as the API sent it.
          type: str
    count:
      description: The number of observations.
      type: int
    observables:
      description: The observables of the sighting, each with type and value.
      type: list
      elements: dict
    relations:
      description: The relations, each with relation, source and related. Source and related are like C(email:a@example.com).
      type: list
      elements: dict
    source:
      description: The source of the sighting.
      type: str
    sensor:
      description: The type of the sensor.
      type: str
    title:
      description: The title.
      type: str
    description:
      description: The description.
      type: str
    confidence:
      description: The confidence, as the module reports it.
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
  returned: success, errors of modules, and time-out
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
      description: The number of sightings of the module.
      type: int
errors:
  description: The errors of single modules.
  returned: success, errors of modules, and time-out
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
      description: The error code of the API.
      type: str
    message:
      description: The error message of the API.
      type: str
    type:
      description: V(fatal), V(error) or V(warning).
      type: str
health:
  description: The health of the modules; null without O(check_health).
  returned: success, errors of modules, and time-out
  type: dict
  contains:
    status:
      description: V(ok), V(error) or V(unknown). For several modules, the worst status.
      type: str
    modules:
      description: Each module with its status.
      type: list
      elements: dict
waited:
  description: The progress of the wait; null without O(wait_timeout).
  returned: success, errors of modules, and time-out
  type: dict
  contains:
    found:
      description: The number of observables with a sighting.
      type: int
    of:
      description: The number of observables of the query.
      type: int
    done:
      description: Whether the condition of O(wait_for) is met.
      type: bool
looked_at:
  description: The time of the last answer, in UTC.
  returned: success, errors of modules, and time-out
  type: str
  sample: "2026-01-12T09:31:20Z"
clock_difference:
  description: Seconds by which the clock of the API is ahead of the machine that runs the task; 0 for less than a minute.
  returned: success, errors of modules, and time-out
  type: int
  sample: 0
module_instance_id:
  description: The id of the queried module; null for all modules.
  returned: success, errors of modules, and time-out
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
  sample: POST /iroh/iroh-enrich/observe/observables
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

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.ctr_investigation_info import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
