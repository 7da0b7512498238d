# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_plan
short_description: Check the settings of a fleet, read it, and plan what a run would do
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the variables of the role P(emailsec.ctr.esa_ctr_integration#role) for all hosts of the play in one task, each as a
    task on that host would see them, and checks them against the role's specification. Fails before any connection if
    anything is wrong.
  - Shows each problem once, with the hosts it concerns and how to fix it, and nothing of a secret.
  - Warns of variables for OpenSSH that the connection P(emailsec.ctr.asyncos#connection) does not use.
  - Then reads, in one process and at the same time, the appliances of the current batch (C(serial)) over SSH, and the devices
    and CTR modules of their regions over HTTPS. Fails if an ESA is managed by an SMA, or if the API's quota is not enough for
    the run.
  - Plans what a run would do, and returns which hosts and tasks have something to do. An appliance or a region that cannot be
    read stops only itself.
  - Shows the table of the run, unless O(job=report), where no host has anything to do.
  - The first task of every playbook of the role P(emailsec.ctr.esa_ctr_integration#role). It changes nothing.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
  - requests (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  job:
    description:
      - What the playbook is for. V(onboard) and V(report) refuse any C(esa_ctr_state) but V(present), V(remove) any but
        V(absent); empty takes both.
      - With V(report) the quota is not checked.
    type: str
    choices: ["", onboard, remove, report]
    default: ""
  allow_managed:
    description: Whether ESAs that are to be integrated through their SMA are no problem, as where nothing is written.
    type: bool
    default: false
  appliances:
    description:
      - Whether to read the appliances and the CTR modules. Without them only the devices of the regions are read, and nothing
        is planned.
    type: bool
    default: true
  wait_for_busy:
    description: Whether to read busy appliances a second time, after C(esa_ctr_diagnose_busy_pause) seconds.
    type: bool
    default: false
notes:
  - Every host of the play is checked with the first batch, so that a problem of a later one stops the play before any write.
  - All hosts of the play are read, not only those of the batch, with C(esa_ctr_prune) and with registration tokens of the
    portal.
  - Runs in the Ansible process on the controller; use C(run_once).
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.fleet_progress
  - module: emailsec.ctr.fleet_drift_report
  - module: emailsec.ctr.fleet_verification
"""

EXAMPLES = r"""
- name: Read the fleet and plan
  emailsec.ctr.fleet_plan:
    job: onboard
  register: plan
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
reading:
  description:
    - What was read, as a compact text for M(emailsec.ctr.fleet_progress), M(emailsec.ctr.fleet_drift_report) and
      M(emailsec.ctr.fleet_verification) of the same release. It holds no secret.
  type: str
  returned: success
  sample: eJyrVspIzFOyUqhWykvMTVWqBQAiXgT3
regions:
  description: The regions in which anything can be done for at least one appliance of the batch.
  type: list
  elements: str
  returned: success
  sample: [europe]
regions_of:
  description: The region of each host of the batch.
  type: dict
  returned: success
  sample:
    esa1.example.com: europe
account_keys:
  description: By region, the key under which C(esa_ctr_regions) has its account.
  type: dict
  returned: success
  sample:
    europe: EU
products:
  description: By host, V(esa) or V(sma), as the appliance says, or without O(appliances) as SSE shows it.
  type: dict
  returned: success
  sample:
    esa1.example.com: esa
query_problem:
  description: What is wrong with C(esa_ctr_diagnose_query), with the right form. Empty if nothing is.
  type: str
  returned: success
  sample: ""
search:
  description: Options of M(emailsec.ctr.esa_message_tracking_info) that search for the same as C(esa_ctr_diagnose_query).
  type: dict
  returned: success
  sample:
    sender_ip: 192.0.2.1
included:
  description:
    - The hosts of the batch that take part in the tasks of a run, because they have something to do or could not be read, and
      one more to carry the tasks of the regions.
    - Empty where a run has nothing to do.
  type: list
  elements: str
  returned: success, with O(appliances)
  sample: [esa1.example.com]
enable:
  description: The hosts with steps before the registration, and those of RV(read_again).
  type: list
  elements: str
  returned: success, with O(appliances)
  sample: [esa1.example.com]
read_again:
  description: The hosts that could not be read, or were busy. A task on such a host reads it again.
  type: list
  elements: str
  returned: success, with O(appliances)
  sample: []
prune:
  description:
    - What C(esa_ctr_prune) removes, as C(modules) and C(records), each with the options of M(emailsec.ctr.ctr_module) and of
      M(emailsec.ctr.sse_device) by region.
  type: dict
  returned: success, with O(appliances)
  sample:
    modules: {}
    records: {}
prunes:
  description: Whether the run removes records and modules that no appliance claims.
  type: bool
  returned: success, with O(appliances)
  sample: false
moves:
  description: Whether any appliance of the batch may be moved to another region.
  type: bool
  returned: success, with O(appliances)
  sample: false
problems:
  description: The lines of all problems, for callbacks that write JSON; others show these lines as they are.
  type: list
  elements: str
  returned: failure, with a callback that writes JSON
  sample: ["- esa_ctr_wait_timeout is 'soon' for 200 hosts: esa1.example.com, esa2.example.com, esa3.example.com and 197 more."]
"""
