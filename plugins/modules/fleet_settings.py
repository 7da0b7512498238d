# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_settings
short_description: Check the settings of every appliance of the play
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the variables of the role P(emailsec.ctr.esa_ctr_integration#role) for all hosts of the play in one task, each as a
    task on that host would see them, and checks them against the role's specification. Fails if anything is wrong.
  - Shows each problem once, with the hosts it concerns and how to fix it, and nothing of a secret.
  - Warns of variables for OpenSSH that the connection P(emailsec.ctr.asyncos#connection) does not use.
  - Checks every host of the play, and returns the settings of those of the current batch (C(serial)).
  - Changes nothing and connects nowhere.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  job:
    description:
      - What the playbook is for. V(onboard) and V(report) refuse any C(esa_ctr_state) but V(present), V(remove) any but
        V(absent); empty takes both.
    type: str
    choices: ["", onboard, remove, report]
    default: ""
  whole_inventory:
    description: Whether to return C(claims).
    type: bool
    default: false
  allow_managed:
    description: Whether ESAs that are to be integrated through their SMA are no problem, as where nothing is written.
    type: bool
    default: false
  checked:
    description:
      - The result of an earlier task with this module. With it, only what needs O(devices) is checked, whether SMAs are
        registered and whether the API's quota is enough, and nothing is returned.
    type: dict
  devices:
    description: The result of M(emailsec.ctr.sse_device_facts), looped over C(regions_to_read) of O(checked).
    type: dict
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Check the settings of every appliance
  emailsec.ctr.fleet_settings:
    job: onboard
  register: settings
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
hosts:
  description: The settings by host of the batch, with C(region), C(module_name), C(request_timeframe_days), C(managed_by_sma),
    C(hosted), C(commit_comment), C(allow_region_change), and C(by_hand) (whether its registration token comes from the portal).
  type: dict
  returned: success
  sample:
    esa1.example.com:
      region: europe
      module_name: esa1.example.com
      request_timeframe_days: 30
      managed_by_sma:
      hosted: false
      by_hand: false
regions:
  description: The regions in use.
  type: list
  elements: str
  returned: success
  sample: [europe]
regions_to_read:
  description: The regions whose devices are to be read before everything, also those with an account that no appliance uses.
  type: list
  elements: str
  returned: success
  sample: [americas, europe]
claims:
  description: With O(whole_inventory), or if records are pruned, every appliance of the inventory with the C(names) that SSE may know it by and
    its C(module_name).
  type: list
  elements: dict
  returned: success
  sample: []
smas_elsewhere:
  description: By region, the SMAs that manage an ESA of the play and are not in the play themselves.
  type: dict
  returned: success
  sample: {}
account_keys:
  description: By region, the key under which C(esa_ctr_regions) has its account.
  type: dict
  returned: success
  sample:
    europe: EU
managed:
  description: ESAs that are integrated through their SMA only, for the later check.
  type: list
  elements: dict
  returned: success
  sample: []
run:
  description: The settings of the whole play, in their types, for the later check.
  type: dict
  returned: success
  sample:
    state: present
    wait_timeout: 300.0
    wait_interval: 5.0
    job: onboard
problems:
  description: The lines of all problems, for callbacks that write JSON; others show these lines as they are.
  type: list
  elements: str
  returned: failure, with a callback that writes JSON
  sample: ["- esa_ctr_wait_timeout is 'soon' for 200 hosts: esa1.example.com, esa2.example.com, esa3.example.com and 197 more."]
"""
