# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_rollout
short_description: Plan the waves of a rollout, and start and end each wave
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - With O(step=plan), checks the variables of the role P(emailsec.ctr.esa_ctr_integration#role) like M(emailsec.ctr.fleet_plan),
    reads the fleet, and assigns each appliance to a wave, as set by C(esa_ctr_waves) and C(esa_ctr_wave_regions). Shows the waves.
  - The waves depend only on the inventory and these variables. A rerun has the same waves, so it continues in the first
    unfinished wave.
  - With O(step=start), returns which appliances of the current batch may start now, and whether the rollout has stopped. An
    appliance waits for its maintenance window (C(esa_ctr_window)), and for earlier waves with appliances that were not started.
  - With O(step=end), returns the results so far. The rollout stops if more than C(esa_ctr_max_failures) appliances of the wave
    failed, or all of them. Shows the progress, and at the end of the rollout the result of each appliance.
  - The playbook C(emailsec.ctr.rollout) uses it.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
  - requests (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  step:
    description: What to do.
    type: str
    choices: [plan, start, end]
    required: true
  rollout:
    description: RV(rollout) of O(step=plan).
    type: str
  earlier:
    description: Name of the variable that registers the result of O(step=end). It is read from a host of the wave before.
    type: str
  started:
    description: Result of O(step=start), for O(step=end).
    type: dict
    default: {}
  rows:
    description: RV(emailsec.ctr.fleet_verification#module:rows) of the verification of the wave, for O(step=end).
    type: list
    elements: dict
    default: []
  not_done:
    description: RV(emailsec.ctr.fleet_progress#module:not_done) of the run, for O(step=end).
    type: dict
    default: {}
  dest:
    description: File on the controller for the results of all appliances as JSON, for O(step=end).
    type: path
notes:
  - Runs in the Ansible process on the controller; use C(run_once).
attributes:
  check_mode:
    support: full
    details:
      - Shows the waves, and predicts their results.
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.fleet_plan
  - module: emailsec.ctr.fleet_verification
"""

EXAMPLES = r"""
- name: Read the fleet and plan the waves
  emailsec.ctr.fleet_rollout:
    step: plan
  register: waves
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
rollout:
  description: The planned rollout as a compact text, for the next steps of the same release. It contains no secrets.
  type: str
  returned: for step plan
  sample: eJyrVspIzFOyUqhWykvMTVWqBQAiXgT3
hosts:
  description: The appliances in the order of their waves (O(step=plan)), or those that may start now (O(step=start)).
  type: list
  elements: str
  returned: for steps plan and start
  sample: [esa1.example.com]
sizes:
  description: The number of appliances of each wave, for the keyword C(serial) of the play.
  type: list
  elements: int
  returned: for step plan
  sample: [1, 4, 35]
wave:
  description: Number of the wave, from 1.
  type: int
  returned: for step start
  sample: 2
results:
  description: The results so far as a compact text, for the next steps of the same release. It contains no secrets.
  type: str
  returned: for steps start and end
  sample: eJyrVspIzFOyUqhWykvMTVWqBQAiXgT3
stopped:
  description: Whether the rollout stopped after the wave before.
  type: bool
  returned: for step start
  sample: false
counts:
  description: Number of appliances by result.
  type: dict
  returned: for step end
  sample: {done: 38, failed: 1, not started: 1}
"""
