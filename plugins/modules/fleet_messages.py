# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_messages
short_description: Send a test message through each appliance, and wait until it is tracked
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Checks the variables of the role P(emailsec.ctr.esa_ctr_integration#role) like M(emailsec.ctr.fleet_plan), and reads the
    devices of the regions.
  - Then sends a test message through each appliance of the current batch (C(serial)) over SMTP, and searches message tracking of
    the appliance (on an SMA or ESA, over its REST API) until the message is found or C(esa_ctr_verify_timeout) has passed.
  - With C(esa_ctr_verify_message_id), sends nothing and searches for this message.
  - Works on all appliances at the same time, at most C(esa_ctr_report_concurrency) requests at once. The failure of an appliance
    does not fail the task; M(emailsec.ctr.fleet_verification) returns it.
  - The entry point C(verify) of the role uses it.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
  - requests (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  hosts:
    description: Hosts of the current batch to verify. The default is the whole batch.
    type: list
    elements: str
notes:
  - Runs in the Ansible process on the controller; use C(run_once).
  - Passwords are not passed to other processes, and are not written to files.
attributes:
  check_mode:
    support: full
    details:
      - Sends and tracks nothing.
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.fleet_verification
  - module: emailsec.ctr.esa_test_message
  - module: emailsec.ctr.esa_message_tracking_info
"""

EXAMPLES = r"""
- name: Send a test message through each appliance and wait until it is tracked
  emailsec.ctr.fleet_messages:
  register: sent
  run_once: true
  delegate_to: localhost
"""

RETURN = r"""
messages:
  description:
    - The outcomes by host as a compact text, for M(emailsec.ctr.fleet_verification) of the same release. It contains no secrets.
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
reading:
  description: The reading as a compact text, for M(emailsec.ctr.fleet_verification) of the same release. It contains no secrets.
  type: str
  returned: success
  sample: eJyrVspIzFOyUqhWykvMTVWqBQAiXgT3
regions:
  description: Regions with at least one tracked message.
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
profile:
  description: The profile of the play, for O(emailsec.ctr.ctr_investigation_info#module:profile).
  type: dict
  returned: success
  sample: {}
record:
  description: Folder of the recorded exchanges. Null without C(esa_ctr_record).
  type: str
  returned: success
  sample: /home/admin/recorded
problems:
  description: Lines of all problems, for callbacks that write JSON. Other callbacks show these lines on the terminal.
  type: list
  elements: str
  returned: failure, with a callback that writes JSON
  sample: ["- 200 hosts (esa1.example.com, esa2.example.com, esa3.example.com and 197 more): esa_ctr_wait_timeout is 'soon'."]
"""
