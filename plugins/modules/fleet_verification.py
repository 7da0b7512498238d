# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_verification
short_description: Follow test messages from SMTP to an investigation, or check the health of CTR modules
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Evaluates the messages of M(emailsec.ctr.fleet_messages) and the answers of CTR. Returns the progress of each message and the
    step that failed, and the messages for the next query to CTR, by region.
  - The entry points C(verify) and C(wave) of the role P(emailsec.ctr.esa_ctr_integration#role) use it. It opens no connection.
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  reading:
    description: RV(emailsec.ctr.fleet_messages#module:reading) or RV(emailsec.ctr.fleet_plan#module:reading) of the first task.
    type: str
    required: true
  messages:
    description:
      - RV(emailsec.ctr.fleet_messages#module:messages) of the first task. If not set, only the health of the CTR modules is checked.
    type: str
  changing:
    description: Hosts that the run changes. In check mode, without O(messages), the health of their modules is not checked.
    type: list
    elements: str
    default: []
  health:
    description: Result of M(emailsec.ctr.ctr_investigation_info) with C(check_health), looped over the regions.
    type: dict
    required: true
  investigation:
    description:
      - Result of M(emailsec.ctr.ctr_investigation_info) with RV(observables), looped over the regions.
    type: dict
attributes:
  check_mode:
    support: full
    details:
      - No message was sent. Each row shows the planned verification, and CTR is not queried.
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.fleet_messages
  - module: emailsec.ctr.ctr_investigation_info
"""

EXAMPLES = r"""
- name: Check the health of the CTR modules
  emailsec.ctr.fleet_verification:
    reading: "{{ sent.reading }}"
    messages: "{{ sent.messages }}"
    health: "{{ health }}"
  register: way
  run_once: true

- name: Show the failed verifications
  ansible.builtin.debug:
    var: way.broken
  run_once: true
"""

RETURN = r"""
observables:
  description:
    - Tracked messages by region, for O(emailsec.ctr.ctr_investigation_info#module:observables). Each message names the module
      that must find it.
    - Empty in check mode.
  type: dict
  returned: success
  sample:
    europe:
      - type: email_messageid
        value: 20260112.1@example.com
rows:
  description: One row per appliance, for M(emailsec.ctr.fleet_report).
  type: list
  elements: dict
  returned: success
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
    message_id:
      description: Message-ID of the message. Null if no message was accepted.
      type: str
      returned: always
      sample: 20260112.1@example.com
    smtp:
      description: Time when the appliance accepted the message, or V(broken). Null if this step was not reached.
      type: str
      returned: always
      sample: 09:15:02 UTC
    tracked:
      description: The same for message tracking.
      type: str
      returned: always
      sample: 09:15:20 UTC
    module:
      description: The same for the health of the CTR module. V(yes) if the time is unknown.
      type: str
      returned: always
      sample: "yes"
    sighting:
      description: The same for the investigation.
      type: str
      returned: always
      sample: 09:16:01 UTC
    times:
      description: Full time of each passed step.
      type: dict
      returned: always
      sample:
        smtp: "2026-01-12T09:15:02Z"
    result:
      description: One of V(ok), V(broken) and V(not sent) (in check mode).
      type: str
      returned: always
      sample: ok
    detail:
      description: The failed step, the reason and the fix.
      type: str
      returned: always
      sample: ""
broken:
  description: C(detail) by host, for hosts whose verification failed so far.
  type: dict
  returned: success
  sample: {}
"""
