# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_settings
short_description: Read and check what is wanted of each appliance of the play
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the variables of the role P(emailsec.ctr.esa_ctr_integration#role) for all hosts of the play in one task, each as a
    task on that host would see them, and says what must be mended before anything is written.
  - Checks every host of the play, and returns the settings of those of the current batch (C(serial)).
  - Changes nothing, connects nowhere, and does not fail because of a problem.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  regions:
    description: The role's variable C(esa_ctr_regions), by region the account and address of the API.
    type: dict
    required: true
  whole_inventory:
    description: Whether to return C(claims).
    type: bool
    default: false
  allow_managed:
    description: Whether ESAs that are to be integrated through their SMA are no problem, as where nothing is written.
    type: bool
    default: false
  prune:
    description: Whether records that nobody claims will be removed, which needs C(claims) and more care.
    type: bool
    default: false
  other_hosts:
    description: The role's variable C(esa_ctr_other_hosts), appliances that are not in this inventory.
    type: list
    elements: str
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Read the settings of every appliance
  emailsec.ctr.fleet_settings:
    regions: "{{ esa_ctr_regions }}"
  register: settings
  run_once: true
"""

RETURN = r"""
hosts:
  description: The settings by host of the batch, with C(region), C(module_name), C(request_timeframe_days), C(managed_by_sma),
    C(hosted), and C(by_hand) (whether its registration token comes from the portal).
  type: dict
  returned: always
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
  returned: always
  sample: [europe]
regions_to_read:
  description: The regions whose devices are to be read before everything, also those with an account that no appliance uses.
  type: list
  elements: str
  returned: always
  sample: [americas, europe]
claims:
  description: With O(whole_inventory) or O(prune), every appliance of the inventory with the C(names) that SSE may know it by and
    its C(module_name).
  type: list
  elements: dict
  returned: always
  sample: []
smas_elsewhere:
  description: By region, the SMAs that manage an ESA of the play and are not in the play themselves.
  type: dict
  returned: always
  sample: {}
problems:
  description: What must be mended, one sentence with the host or region and the remedy for each.
  type: list
  elements: str
  returned: always
  sample: []
"""
