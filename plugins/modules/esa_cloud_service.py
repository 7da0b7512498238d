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
  - Brings the cloud service of one ESA or SMA (AsyncOS) into the desired state through the appliance's command line, and
    reads the state back.
  - Reads C(version) and the menu of C(cloudserviceconfig), plans and applies the steps, commits only its own changes, and
    waits while the service is busy. Each task opens at most one SSH session.
  - An unexpected screen stops the task with an error that shows the screen. The task drops its uncommitted changes.
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.profile
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  state:
    description:
      - V(enabled) enables the service on the chosen server. An existing registration is unchanged unless the server changes.
      - V(registered) enables the service and registers the appliance. This needs O(registration_token) if the appliance is
        not registered.
      - V(unregistered) deregisters the appliance; the service stays enabled.
      - V(disabled) deregisters the appliance and disables the service.
    type: str
    choices: [enabled, registered, unregistered, disabled]
    default: enabled
  region:
    description:
      - Region whose server the appliance uses, V(americas), V(europe) or V(apjc), or a region that O(profile) defines. Without
        O(region) and O(server), the server is unchanged.
    type: str
  server:
    description:
      - Fully qualified domain name of the server to use, from the appliance's list of servers.
    type: str
  registration_token:
    description:
      - One-time registration token of the region, 32 lower-case hexadecimal characters. Issue it in the SSE portal or with
        M(emailsec.ctr.sse_token).
      - Needed only if the appliance is not registered. Results, diffs and errors never show it.
    type: str
  commit_comment:
    description: Comment of the commit, one line of at most 200 ASCII characters.
    type: str
    default: emailsec.ctr
  wait_timeout:
    description:
      - Seconds to wait for the appliance after each step, and before the first step if it is busy. The command REGISTER may
        take up to 150 seconds more.
    type: float
    default: 300
  wait_interval:
    description: Polling interval in seconds.
    type: float
    default: 5
  allow_reregistration:
    description:
      - Whether the task may deregister a registered appliance to change its server. With O(state=registered), the task then
        registers the appliance with the new server.
    type: bool
    default: false
  assumed_state:
    description:
      - RV(cloud_service) of an earlier task of the same run.
      - In check mode, the prediction starts from this state, and the task does not contact the appliance. Set it if an
        earlier task of the run would have changed the appliance.
      - Without check mode, only its server is used, for an appliance that does not show its server.
    type: dict
  token_renewal:
    description:
      - How to replace the registration token if it has expired, or if the appliance refuses it because another run has replaced
        it. The task issues at most one new token, and registers the appliance with it.
      - V(account) holds the shared options of M(emailsec.ctr.sse_token), V(device) the name of the device, V(device_id) its id,
        V(expires_at) the expiry of the token as the API sent it, V(lifetime) the lifetime of the token as for
        M(emailsec.ctr.sse_token), and V(issued_at) the time of its issue, in seconds of the monotonic clock of the controller.
      - The role P(emailsec.ctr.esa_ctr_integration#role) sets it for the tokens that it has issued itself.
    type: dict
notes:
  - Set C(ansible_connection=emailsec.ctr.asyncos) for the appliances; see P(emailsec.ctr.asyncos#connection).
  - Check mode waits for a busy appliance too, because the prediction depends on its state.
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

- name: Deregister the appliance and disable the cloud service
  emailsec.ctr.esa_cloud_service:
    state: disabled
"""

RETURN = r"""
cloud_service:
  description: The appliance and its cloud service, read after the last step (in check mode, predicted).
  type: dict
  returned: when the state could be read
  contains:
    hostname:
      description: Host name of the appliance, read from its prompt. SSE lists a registered device under this name.
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
      description: Serial number; empty if the appliance does not show it.
      type: str
      returned: always
      sample: 564D0000000000000001-000000000001
    enabled:
      description: Whether the cloud service is enabled.
      type: bool
      returned: always
      sample: true
    server:
      description: Server in use; null if the service is disabled or the appliance does not show it.
      type: str
      returned: always
      sample: api.eu.sse.itd.cisco.com
    region:
      description: Region of the server; null if the collection does not know the server.
      type: str
      returned: always
      sample: europe
    registration:
      description:
        - Registration state, one of V(unavailable) (the service is disabled, or does not ask for a token),
          V(smart_licensing) (the menu offers AUTOREGISTER but not REGISTER),
          V(unregistered), V(in_progress), V(registered), V(failed).
      type: str
      returned: always
      sample: registered
steps:
  description: The steps taken (in check mode, planned), in order and without secrets.
  type: list
  elements: str
  returned: when the state could be read
  sample:
    - enable the cloud service on api.eu.sse.itd.cisco.com
    - commit (Enabling CTR)
    - register with a registration token
actions:
  description: The same as RV(steps) in machine-readable form, in the same order.
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
    - Whether the appliance has another administrator's uncommitted changes; null if the appliance does not show it. The
      module never touches these changes. If there are any, or if this is unknown, it takes no step that needs a commit.
  type: bool
  returned: when the state could be read
  sample: false
meanwhile:
  description:
    - What another run or an administrator changed after this run had read the appliance. The task continued from the new state.
    - One of V(registered), V(deregistered) and V(settings_changed). With O(token_renewal) also V(token_expired),
      V(token_replaced), V(record_added) and V(record_deleted).
  type: list
  elements: str
  returned: when the state could be read
  sample: []
problem:
  description: On failure, what is wrong.
  type: str
  returned: failure
  sample: the registration failed because the registration token is invalid or expired.
fix:
  description: On failure, what to do.
  type: str
  returned: failure
  sample: issue a new token in SSE for the region of the appliance's server, with a long enough lifetime.
remedy:
  description: Alias of RV(fix) for older playbooks. It will be removed in the next release.
  returned: failure
  type: str
refused:
  description: On failure, whether the module refused the change because of the appliance's state, before writing anything.
  type: bool
  returned: failure
  sample: false
token_refused:
  description: On failure, whether the appliance refused the registration token.
  type: bool
  returned: failure
  sample: false
screen:
  description: On failure, the appliance's last output with secrets masked; empty if there was none.
  type: str
  returned: failure
  sample: ""
"""
