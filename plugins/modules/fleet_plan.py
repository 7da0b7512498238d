# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_plan
short_description: Check the settings of a fleet, read it, and plan a run
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Evaluates the variables of the role P(emailsec.ctr.esa_ctr_integration#role) for all hosts of the play in one task, and
    checks them against the argument specification of the role. A problem fails the task before any connection.
  - Shows each problem once, with its hosts and the fix. Secrets are never shown.
  - Warns about OpenSSH variables that the connection P(emailsec.ctr.asyncos#connection) ignores.
  - Then reads, in one process and at the same time, the appliances of the current batch (C(serial)) over SSH, and the devices
    and CTR modules of their regions over HTTPS. Fails if an ESA is managed by an SMA, or if the API quota is not enough for the
    run.
  - Plans the run, and returns which hosts need a change. Failures are isolated, so an unreachable appliance or region does
    not stop the others.
  - If no host needs a change, shows the table of the run, unless O(job=report).
  - This is the first task of the playbooks of the role P(emailsec.ctr.esa_ctr_integration#role). It changes nothing.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
  - requests (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  job:
    description:
      - Job of the playbook. V(onboard), V(rollout) and V(report) accept only C(esa_ctr_state) V(present), V(remove) only V(absent). If
        empty, both states are accepted.
      - V(report) and V(rollout) do not check the quota.
    type: str
    choices: ["", onboard, remove, rollout, report]
    default: ""
  allow_managed:
    description: Whether to accept ESAs that an SMA manages. Set it only for playbooks without changes.
    type: bool
    default: false
  wait_for_busy:
    description: Whether to reread busy appliances after C(esa_ctr_diagnose_busy_pause) seconds.
    type: bool
    default: false
  search_messages:
    description:
      - Whether to search message tracking of each appliance that was read, over its REST API, as requested by
        C(esa_ctr_diagnose_tracking) and C(esa_ctr_diagnose_query).
    type: bool
    default: false
  hosts:
    description: Hosts of the current batch to read. The default is the whole batch.
    type: list
    elements: str
notes:
  - The first batch checks all hosts of the play, so a problem in a later batch stops the play before any change.
  - With C(esa_ctr_prune) or registration tokens from the portal, each batch reads all hosts of the play.
  - Runs in the Ansible process on the controller; use C(run_once).
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.fleet_progress
  - module: emailsec.ctr.fleet_drift_report
"""

EXAMPLES = r"""
- name: Read the fleet and plan the run
  emailsec.ctr.fleet_plan:
    job: onboard
  register: plan
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
reading:
  description:
    - The reading as a compact text, for M(emailsec.ctr.fleet_progress) and M(emailsec.ctr.fleet_drift_report)
      of the same release. It contains no secrets.
  type: str
  returned: success
  sample: eJyrVspIzFOyUqhWykvMTVWqBQAiXgT3
secrets:
  description:
    - The secrets in the variables of all hosts of the play as a compact text, so that later actions of the same run mask them.
    - The result of this task is hidden.
  type: str
  returned: success
  sample: eJyLjgUAARUAuQ==
regions:
  description: Regions in which the run can proceed for at least one appliance of the batch.
  type: list
  elements: str
  returned: success
  sample: [europe]
account_keys:
  description: Key of the account in C(esa_ctr_regions), by region.
  type: dict
  returned: success
  sample:
    europe: EU
query_problem:
  description: Problem with C(esa_ctr_diagnose_query) and its fix. Empty if the query is valid.
  type: str
  returned: success
  sample: ""
tracking:
  description: Searches of message tracking as a compact text, for O(emailsec.ctr.fleet_drift_report#module:tracking).
  type: str
  returned: success, with O(search_messages)
  sample: eJyrVspIzFOyUqhWykvMTVWqBQAiXgT3
included:
  description:
    - Hosts of the batch that take part in the tasks of the run, because they need a change or could not be read, and one
      unchanged host for the tasks of the regions. Each with its region.
    - Empty if no host needs a change.
  type: dict
  returned: success
  sample:
    esa1.example.com: europe
enable:
  description: Hosts with steps before the registration, and the hosts of RV(read_again). Each with its region.
  type: dict
  returned: success
  sample:
    esa1.example.com: europe
read_again:
  description:
    - Hosts that could not be read or were busy, each with its region. The next task on each host rereads it.
    - A host that timed out is not reread, because it would occupy a fork for as long again.
  type: dict
  returned: success
  sample: {}
prune:
  description:
    - Removals of C(esa_ctr_prune), by region. C(modules) has the options of M(emailsec.ctr.ctr_module), C(records) those of
      M(emailsec.ctr.sse_device).
  type: dict
  returned: success
  sample:
    modules: {}
    records: {}
prunes:
  description: Whether the run removes orphaned records and modules.
  type: bool
  returned: success
  sample: false
moves:
  description: Whether the run may move an appliance of the batch to another region.
  type: bool
  returned: success
  sample: false
problems:
  description: Lines of all problems, for callbacks that write JSON. Other callbacks show these lines on the terminal.
  type: list
  elements: str
  returned: failure, with a callback that writes JSON
  sample: ["- 200 hosts (esa1.example.com, esa2.example.com, esa3.example.com and 197 more): esa_ctr_wait_timeout is 'soon'."]
"""
