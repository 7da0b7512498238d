# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: probe
short_description: Compare appliances and regions with everything that the collection assumes
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Only reads. Walks every screen of each appliance of the play that can be entered without changing anything, and reads the
    lists of each region (at most six requests) and the AsyncOS API where a password is set.
  - Reports each text, keyword, path, field, status word, title and header that the collection relies on as confirmed, different or
    not seen, and proposes a profile for the differences that the reading explains.
  - Writes a page (C(probe.html)), and C(probe.json) and C(probe.md), in which names, addresses and ids are replaced, so that they
    can be shared. C(profile.yml) is the proposed profile; nothing uses it until C(esa_ctr_profile) names it.
  - Uses the variables of the role P(emailsec.ctr.esa_ctr_integration#role). Usually run by the playbook C(emailsec.ctr.probe).
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
attributes:
  check_mode:
    support: full
    details: Check mode runs the probe as usual, because it only reads. The files are written.
  diff_mode:
    support: none
options:
  dest:
    description: Folder for the files. It is created if needed.
    type: path
    required: true
  questions:
    description:
      - Also opens the question of these operations where the menu offers them, and leaves it with Ctrl-C, to see its words. The
        question is not answered. By default only the question for the server is opened, which the drift report opens too.
    type: list
    elements: str
    choices: [register, deregister]
    default: []
seealso:
  - module: emailsec.ctr.fleet_drift_report
"""

EXAMPLES = r"""
- name: Compare the appliances and their regions with what the collection expects
  emailsec.ctr.probe:
    dest: ./esa-ctr-probe
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
counts:
  description: Number of assumptions by verdict.
  returned: success
  type: dict
  contains:
    confirmed:
      description: The assumption holds.
      type: int
    differs:
      description: Something else came.
      type: int
    not_seen:
      description: Nothing in this reading shows it.
      type: int
proposals:
  description: Number of entries of the proposed profile.
  returned: success
  type: int
remaining:
  description: Number of differences that the probe cannot resolve.
  returned: success
  type: int
files:
  description: Absolute paths of the files, by C(html), C(json), C(md), and C(profile) if there is a difference.
  returned: success
  type: dict
dest:
  description: Absolute path of the page.
  returned: success
  type: str
"""
