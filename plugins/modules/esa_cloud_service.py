# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: esa_cloud_service
short_description: Enable, register and remove the cloud service of a Cisco email appliance
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Brings the cloud service of one ESA or SMA (AsyncOS) into the wanted state over the appliance's command line, and
    reads the state back.
  - Reads C(version) and the menu of C(cloudserviceconfig), plans, applies, commits only what it entered itself, and waits
    while the service is busy. At most one SSH session is opened per task.
  - An unexpected screen stops the task with an error that shows it; what was entered until then is dropped.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  state:
    description:
      - V(enabled) enables the service on the chosen server. A registration is left as it is, unless the server must change.
      - V(registered) enables the service and registers the appliance, with O(registration_token) where one is needed.
      - V(unregistered) deregisters the appliance; the service stays enabled.
      - V(disabled) deregisters the appliance and disables the service.
    type: str
    choices: [enabled, registered, unregistered, disabled]
    default: enabled
  region:
    description:
      - Region whose server the appliance uses. Without O(region) and O(server) the server is left as it is.
    type: str
    choices: [americas, europe, apjc]
  server:
    description:
      - Server to use, as one of the fully qualified domain names that the appliance offers.
    type: str
  registration_token:
    description:
      - One-time registration token of the region, 32 lower-case hexadecimal characters, as the SSE portal or
        M(emailsec.ctr.sse_token) issues it.
      - Only needed while the appliance is not registered. Never shown in results, diffs or errors.
    type: str
  commit_comment:
    description: Comment of the commit, one line of at most 200 ASCII characters.
    type: str
    default: emailsec.ctr
  wait_timeout:
    description:
      - Seconds to wait for the appliance after each step (and before the first, while it is busy). The command REGISTER
        itself may take up to 150 seconds more.
    type: float
    default: 300
  wait_interval:
    description: Seconds between two looks while waiting.
    type: float
    default: 5
  allow_reregistration:
    description:
      - Whether a registered appliance whose server must change may be deregistered, pointed at the new server and, with
        O(state=registered), registered anew.
    type: bool
    default: false
  assumed_state:
    description:
      - RV(cloud_service) of an earlier task of the same run. In check mode the prediction then starts from it, and the
        appliance is not asked. Otherwise only its server counts, for an appliance that does not show which it is on.
      - Of use where an earlier task would already have changed the appliance.
    type: dict
notes:
  - Set C(ansible_connection=emailsec.ctr.asyncos) for the appliances; see P(emailsec.ctr.asyncos#connection).
  - In check mode a busy appliance is waited for as in a run, because the prediction depends on it.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
seealso:
  - module: emailsec.ctr.sse_token
  - plugin: emailsec.ctr.asyncos
    plugin_type: connection
"""

EXAMPLES = r"""
- name: Enable the cloud service on the server of the region Europe
  emailsec.ctr.esa_cloud_service:
    state: enabled
    region: europe
    commit_comment: Enabling CTR

- name: Register the appliance
  emailsec.ctr.esa_cloud_service:
    state: registered
    region: europe
    registration_token: "{{ token }}"

- name: Take the appliance out of the cloud
  emailsec.ctr.esa_cloud_service:
    state: disabled
"""

RETURN = r"""
cloud_service:
  description: The appliance and its cloud service as read back (in check mode, as predicted).
  type: dict
  returned: when the state could be read
  contains:
    hostname:
      description: Host name of the appliance, as its prompt says. SSE lists a registered device under this name.
      type: str
      returned: always
      sample: esa1.example.com
    product:
      description: Product, V(ESA) or V(SMA).
      type: str
      returned: always
      sample: ESA
    model:
      description: Model.
      type: str
      returned: always
      sample: C100V
    version:
      description: Release of AsyncOS.
      type: str
      returned: always
      sample: 14.0.0-698
    serial:
      description: Serial number, empty where the appliance shows none.
      type: str
      returned: always
      sample: 564D0000000000000001-000000000001
    enabled:
      description: Whether the cloud service is enabled.
      type: bool
      returned: always
      sample: true
    server:
      description: Server in use, null while the service is disabled or where the appliance does not show it.
      type: str
      returned: always
      sample: api.eu.sse.itd.cisco.com
    region:
      description: Region of that server, null where the table of regions does not know it.
      type: str
      returned: always
      sample: europe
    registration:
      description:
        - Registration state, one of V(unavailable) (the service is disabled, or does not ask for a token),
          V(smart_licensing) (the menu offers AUTOREGISTER and no REGISTER),
          V(unregistered), V(in_progress), V(registered), V(failed).
      type: str
      returned: always
      sample: registered
steps:
  description: What was done, or in check mode would be done, in order and without secrets.
  type: list
  elements: str
  returned: when the state could be read
  sample:
    - enable the cloud service on api.eu.sse.itd.cisco.com
    - commit (Enabling CTR)
    - register with a registration token
actions:
  description: RV(steps) for programs, in the same order.
  type: list
  elements: dict
  returned: when the state could be read
  contains:
    kind:
      description: One of V(wait), V(enable), V(set_server), V(commit), V(register), V(deregister) and V(disable).
      type: str
      returned: always
      sample: enable
    detail:
      description: The server of V(enable) and V(set_server), the comment of V(commit); empty for the others.
      type: str
      returned: always
      sample: api.eu.sse.itd.cisco.com
pending_changes:
  description:
    - Whether the session found uncommitted changes of someone else, which are left as they are; null where the appliance
      does not say. While there are any, and where it is not known, nothing that needs a commit is done.
  type: bool
  returned: when the state could be read
  sample: false
problem:
  description: On failure, what happened.
  type: str
  returned: failure
  sample: the registration failed because of an invalid or expired registration token.
fix:
  description: On failure, the next step.
  type: str
  returned: failure
  sample: issue a new token in the SSE of the same region as the appliance's server; choose a lifetime that suits.
remedy:
  description: The same as RV(fix), for playbooks that use the older name. It will be removed in the next release.
  returned: failure
  type: str
refused:
  description: On failure, whether it was refused before anything was written, because of what the appliance is or wants.
  type: bool
  returned: failure
  sample: false
screen:
  description: On failure, the appliance's last output, secrets masked; empty where there was none.
  type: str
  returned: failure
  sample: ""
"""
