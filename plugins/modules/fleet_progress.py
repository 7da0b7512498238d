# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_progress
short_description: Plan the next step of a run from what was read and done so far
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Takes the reading of M(emailsec.ctr.fleet_plan) and the results of the tasks that have run since, and returns what the next
    task has to do. Its options are ready to use, by region, or by host.
  - With O(step=register) it also hands out registration tokens that were generated in the SSE portal. A host's variables say
    where its tokens are, C(esa_ctr_registration_tokens) (a list, or a map by host) or C(esa_ctr_token_file) (the portal's
    saved file, one token a line, or the JSON lines that M(emailsec.ctr.sse_token) saves). Hosts with the same variables share
    the tokens, and each token is given to one host only. A token in a map, or in JSON lines with a C(name), goes to the host
    or device of that name. Of a plain list, the host in place n of the play gets the token in place n; hosts beyond the end
    of the list get the tokens of hosts that are registered already.
  - With O(step=report) it shows the table of the run on the terminal, and returns its rows and why appliances are not done.
  - Used by the role P(emailsec.ctr.esa_ctr_integration#role) between the tasks that write. It connects nowhere.
  - With O(step=register) the result is hidden where it holds a registration token.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  step:
    description:
      - The task to plan.
      - V(tokens) is for M(emailsec.ctr.sse_token), V(wait) for M(emailsec.ctr.sse_device_facts), V(modules) and V(old_modules) for M(emailsec.ctr.ctr_module), V(records) and
        V(old_records) for M(emailsec.ctr.sse_device), V(register) and V(deregister) for M(emailsec.ctr.esa_cloud_service).
      - V(old_modules) and V(old_records) are what appliances leave in the region that they are moved from.
      - V(report) shows what was done.
    type: str
    choices: [tokens, register, wait, old_modules, old_records, modules, deregister, records, report]
    required: true
  state:
    description: What the run is for, as C(esa_ctr_state).
    type: str
    choices: [present, absent]
    required: true
  reading:
    description: RV(emailsec.ctr.fleet_plan#module:reading) of the first task.
    type: str
    required: true
  results:
    description:
      - What tasks that loop over regions have registered so far, by C(tokens), C(wait), C(modules), C(records), C(old_modules), C(old_records), C(pruned_modules) and C(pruned_records).
      - C(portal_tokens) is RV(portal_tokens) of O(step=register), for the steps after it.
      - A skipped task may be given as it is, or left out.
    type: dict
    default: {}
  host_results:
    description:
      - Names of the variables that the tasks on each appliance have registered, by C(read_again), C(enable) and C(register).
    type: dict
    default: {}
notes:
  - In check mode the tasks before have only predicted. What they would have done counts as done, and no token is returned but
    a dummy.
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

- name: Add the CTR modules
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
  description: The options of the next task by region, for those regions that have something to do in it.
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
  description: With O(step=register) or O(step=deregister), the appliances to register or deregister.
  type: list
  elements: str
  returned: success
  sample: []
tokens:
  description: With O(step=register), the registration token of each host of RV(hosts) that got one.
  type: dict
  returned: success
  sample: {}
portal_tokens:
  description: By region, which hosts were given a registration token of the portal. It holds no token.
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
      description: RV(emailsec.ctr.esa_cloud_service#module:cloud_service.registration) at the end, null where it is not known.
      type: str
      returned: always
      sample: registered
    module:
      description: What was done about the CTR module, null where nothing was.
      type: str
      returned: always
      sample: created
    result:
      description: One of V(ok), V(changed) and V(failed).
      type: str
      returned: always
      sample: changed
    detail:
      description: Why the appliance is not done, what was done, and notes, in one line.
      type: str
      returned: always
      sample: enable the cloud service on api.eu.sse.itd.cisco.com; register with a registration token; module created
    done:
      description: What was done, or in check mode would be done, in order.
      type: list
      elements: str
      returned: always
      sample: [module created]
    reason:
      description: Why the appliance is not done; empty if it is.
      type: str
      returned: always
      sample: ""
notes:
  description: Sentences about the run as a whole, as below the table.
  type: list
  elements: str
  returned: success, with O(step=report)
  sample: []
not_done:
  description: By host, why the appliance is not done.
  type: dict
  returned: success, with O(step=report)
  sample: {}
"""
