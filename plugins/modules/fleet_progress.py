# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_progress
short_description: Plan the next step of a run
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Evaluates the reading of M(emailsec.ctr.fleet_plan) and the results of the tasks since, and returns the options of the next
    task by region, or its hosts.
  - With O(step=register) it also assigns registration tokens from the SSE portal. The variables of a host name its tokens,
    C(esa_ctr_registration_tokens) (a list, or a map by host) or C(esa_ctr_token_file) (a file as saved by the portal with one
    token per line, or the JSON lines of M(emailsec.ctr.sse_token)). Hosts with the same variables share the tokens. Each token
    is assigned to one host.
  - A token in a map, or in JSON lines with a C(name), is assigned to the host or device of that name. With a plain list, host
    number n of the play gets token number n. Hosts beyond the end of the list get the tokens of registered hosts.
  - With O(step=report) it shows the table of the run, and returns its rows and the unfinished appliances.
  - The role P(emailsec.ctr.esa_ctr_integration#role) uses it between its tasks. It opens no connection.
  - With O(step=register) the result is hidden if it contains a registration token.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  step:
    description:
      - The task to plan.
      - V(tokens) is for M(emailsec.ctr.sse_token), V(wait) for M(emailsec.ctr.sse_device_facts), V(modules) and V(old_modules)
        for M(emailsec.ctr.ctr_module), V(records) and V(old_records) for M(emailsec.ctr.sse_device), V(register) and
        V(deregister) for M(emailsec.ctr.esa_cloud_service).
      - V(old_modules) and V(old_records) remove modules and records of moved appliances from their old regions.
      - V(report) shows the results of the run.
    type: str
    choices: [tokens, register, wait, old_modules, old_records, modules, deregister, records, report]
    required: true
  state:
    description: Desired state of the appliances, as C(esa_ctr_state).
    type: str
    choices: [present, absent]
    required: true
  reading:
    description: RV(emailsec.ctr.fleet_plan#module:reading) of the first task.
    type: str
    required: true
  results:
    description:
      - Registered results of the tasks that loop over regions. The keys are C(tokens), C(wait), C(modules), C(records),
        C(old_modules), C(old_records), C(pruned_modules) and C(pruned_records).
      - C(portal_tokens) is RV(portal_tokens) of O(step=register), for the later steps.
      - The result of a skipped task may be included or omitted.
    type: dict
    default: {}
  host_results:
    description:
      - Names of the variables that the tasks on each appliance registered. The keys are C(read_again), C(enable) and
        C(register).
    type: dict
    default: {}
notes:
  - In check mode the earlier tasks only predict. Their predicted changes count as done, and the tokens are dummies.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.fleet_plan
"""

EXAMPLES = r"""
- name: Plan the CTR modules
  emailsec.ctr.fleet_progress:
    step: modules
    state: present
    reading: "{{ plan.reading }}"
    host_results:
      enable: enabled
      register: registered
    results:
      tokens: "{{ tokens }}"
      wait: "{{ waited }}"
  register: next
  no_log: true
  run_once: true

- name: Add or update the CTR modules
  emailsec.ctr.ctr_module:
    region: "{{ item }}"
    modules: "{{ next.options[item].modules }}"
    known_devices: "{{ next.options[item].known_devices | default(omit) }}"
    assumed_devices: "{{ next.options[item].assumed_devices }}"
  loop: "{{ next.options.keys() | list }}"
  run_once: true
"""

RETURN = r"""
options:
  description: Options of the next task by region. Regions without work are left out.
  type: dict
  returned: success
  sample:
    europe:
      region: europe
      modules:
        - name: esa1.example.com
          device: esa1.example.com
          product: esa
          request_timeframe_days: 30
      assumed_devices: []
hosts:
  description: Appliances to register or deregister, each with its region, with O(step=register) or O(step=deregister).
  type: dict
  returned: success
  sample: {}
tokens:
  description: Registration tokens by host, with O(step=register).
  type: dict
  returned: success
  sample: {}
portal_tokens:
  description: Hosts that got a registration token from the portal, by region. It contains no tokens.
  type: dict
  returned: success, with O(step=register)
  sample:
    regions: []
rows:
  description: One row per appliance, as in the table.
  type: list
  elements: dict
  returned: success, with O(step=report)
  contains:
    host:
      description: Name of the host in the inventory.
      type: str
      returned: always
      sample: esa1.example.com
    region:
      description: Region of the appliance.
      type: str
      returned: always
      sample: europe
    registration:
      description: RV(emailsec.ctr.esa_cloud_service#module:cloud_service.registration) at the end. Null if it is unknown.
      type: str
      returned: always
      sample: registered
    module:
      description: Action on the CTR module. Null if there was none.
      type: str
      returned: always
      sample: created
    result:
      description: One of V(ok), V(changed) and V(failed).
      type: str
      returned: always
      sample: changed
    detail:
      description: Reason why the appliance is not done, steps, and notes, in one line.
      type: str
      returned: always
      sample: enable the cloud service on api.eu.sse.itd.cisco.com; register with a registration token; module created
    done:
      description: Steps in order, actual or (in check mode) predicted.
      type: list
      elements: str
      returned: always
      sample: [module created]
    reason:
      description: Reason why the appliance is not done. Empty if it is done.
      type: str
      returned: always
      sample: ""
notes:
  description: Notes about the whole run, as shown below the table.
  type: list
  elements: str
  returned: success, with O(step=report)
  sample: []
not_done:
  description: Reason why the appliance is not done, by host.
  type: dict
  returned: success, with O(step=report)
  sample: {}
"""
