# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: esa_cloud_service_info
short_description: Read the cloud service of many Cisco email appliances at once
version_added: 1.0.0
author: the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Reads the cloud service of many ESAs and SMAs (AsyncOS) in one process, over parallel SSH connections, and shows which
    steps M(emailsec.ctr.esa_cloud_service) would take on each. Writes nothing.
  - The connection options of each appliance are resolved as for a task on that host, from variables (inventory, groups, play,
    roles, extra variables; templated and vaulted), keywords, the environment and the configuration. The options are those of
    P(emailsec.ctr.asyncos#connection).
  - An appliance that cannot be read becomes a row with the problem and the fix. The task does not fail.
  - While the task reads several appliances, it shows progress such as C(120 of 200 read, 3 failed).
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.profile
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  hosts:
    description:
      - Inventory names of the appliances to read. The default is the host of the task. They need not be in the play.
      - A duplicate name is read once.
    type: list
    elements: str
  concurrency:
    description:
      - Number of appliances to read at once. Each needs one connection and a little memory. Log-ins take longer with more
        connections; raise O(ignore:ansible_connect_timeout) if they time out.
    type: int
    default: 64
  state:
    description:
      - Desired state to plan for, as in M(emailsec.ctr.esa_cloud_service). Without it, the module reads and does not plan.
    type: str
    choices: [enabled, registered, unregistered, disabled]
  region:
    description:
      - Region to plan for, one of V(americas), V(europe), V(apjc); or a dictionary from host to region that lists all
        O(hosts), with null to keep a host's server. Without it, all servers are unchanged.
      - Requires O(state).
    type: raw
  commit_comment:
    description:
      - Comment of the commit in the planned steps, one line of at most 200 ASCII characters. Set one comment for all hosts,
        or a dictionary from host to comment.
    type: raw
    default: emailsec.ctr
  assume_token:
    description:
      - Whether to plan as if each appliance had a registration token. If V(false), O(state=registered) is refused for
        appliances that are not registered.
    type: bool
    default: true
  allow_reregistration:
    description:
      - Whether the plan may change the server of a registered appliance, as in M(emailsec.ctr.esa_cloud_service). Set one
        value for all hosts, or a dictionary from host to boolean.
    type: raw
    default: false
notes:
  - Set C(ansible_connection=emailsec.ctr.asyncos) for the appliances; see P(emailsec.ctr.asyncos#connection). A host with another
    connection becomes a row with this problem.
  - Runs in the Ansible process on the controller and connects only to O(hosts). It needs neither C(delegate_to) nor a local
    connection; use C(run_once).
  - Appliances behind the same jump host with the same log-in share one connection to it.
  - The module does not wait for a busy appliance, as with O(emailsec.ctr.esa_cloud_service#module:wait_timeout=0).
  - A password from C(--ask-pass) is used for hosts without a password variable, unless the host of the task has one.
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: emailsec.ctr.esa_cloud_service
  - plugin: emailsec.ctr.asyncos
    plugin_type: connection
"""

EXAMPLES = r"""
- name: Read every appliance of the play
  emailsec.ctr.esa_cloud_service_info:
    hosts: "{{ ansible_play_hosts_all }}"
  register: fleet
  run_once: true

- name: Plan the registration of each appliance in its own region
  emailsec.ctr.esa_cloud_service_info:
    hosts: "{{ groups.appliances }}"
    state: registered
    region: "{{ dict(groups.appliances | zip(groups.appliances | map('extract', hostvars, 'esa_ctr_region'))) }}"
    concurrency: 100
  register: fleet
  run_once: true

- name: List the appliances that could not be read
  ansible.builtin.debug:
    msg: "{{ fleet.appliances | rejectattr('cloud_service') | map(attribute='msg') }}"
  run_once: true
"""

RETURN = r"""
appliances:
  description: One row per appliance, in the order of O(hosts). Every row has every key.
  type: list
  elements: dict
  returned: success
  contains:
    host:
      description: Name of the host in the inventory.
      type: str
      returned: always
      sample: esa1.example.com
    reachable:
      description: Whether the session on the appliance's command line lasted until the end.
      type: bool
      returned: always
      sample: true
    cloud_service:
      description:
        - The appliance and its cloud service as found, in the shape of RV(emailsec.ctr.esa_cloud_service#module:cloud_service).
          Null if it could not be read.
      type: dict
      returned: always
      sample:
        hostname: esa1.example.com
        product: ESA
        model: C100V
        version: 14.0.0-698
        serial: 564D0000000000000001-000000000001
        enabled: true
        server: api.eu.sse.itd.cisco.com
        region: europe
        registration: unregistered
    pending_changes:
      description:
        - Whether the appliance has another administrator's uncommitted changes; null if the appliance does not show it or could
          not be read.
      type: bool
      returned: always
      sample: false
    steps:
      description: Steps that M(emailsec.ctr.esa_cloud_service) would take, in order; empty if there are none or nothing was planned.
      type: list
      elements: str
      returned: always
      sample: [register with a registration token]
    after:
      description:
        - The cloud service after these steps, in the shape of RV(appliances[].cloud_service). Null if nothing was planned, the
          change is refused, or the appliance could not be read.
      type: dict
      returned: always
      sample:
        hostname: esa1.example.com
        product: ESA
        model: C100V
        version: 14.0.0-698
        serial: 564D0000000000000001-000000000001
        enabled: true
        server: api.eu.sse.itd.cisco.com
        region: europe
        registration: registered
    refused:
      description: Whether M(emailsec.ctr.esa_cloud_service) would refuse the change because of the appliance's state.
      type: bool
      returned: always
      sample: false
    problem:
      description: What is wrong; null if nothing is wrong.
      type: str
      returned: always
      sample: the user 'admin' may not log in with the given password or key.
    fix:
      description: What to do; null if nothing is wrong.
      type: str
      returned: always
      sample: check ansible_user and ansible_password (or ansible_private_key_file).
    remedy:
      description: Alias of C(fix) for older playbooks. It will be removed in the next release.
      type: str
      returned: always
    screen:
      description: The appliance's last output with secrets masked; empty if there was none, null if nothing is wrong.
      type: str
      returned: always
      sample: ""
    msg:
      description: Host, problem, fix and last output in one text; null if nothing is wrong.
      type: str
      returned: always
      sample: "esa1.example.com: the user 'admin' may not log in with the given password or key. Fix: check ansible_user."
"""
