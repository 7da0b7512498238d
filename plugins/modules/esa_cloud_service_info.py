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
  - Reads the cloud service of many ESAs and SMAs (AsyncOS) in one process, over many SSH connections at once, and says for
    each what M(emailsec.ctr.esa_cloud_service) would do. Writes nothing.
  - How to reach an appliance is resolved for each as for a task on that host, from its variables (of the inventory, of groups,
    of the play, of roles, extra variables; templated and vaulted), from keywords, the environment and the configuration. The
    options are those of P(emailsec.ctr.asyncos#connection).
  - An appliance that cannot be read is one row with the reason and the fix; the task does not fail because of it.
  - While it reads more than one appliance it shows progress, such as C(120 of 200 read, 3 failed).
requirements:
  - asyncssh >= 2.14 (Python library on the controller)
extends_documentation_fragment:
  - emailsec.ctr.attributes
  - emailsec.ctr.attributes.action
options:
  hosts:
    description:
      - Appliances to read, by their names in the inventory, by default the host of the task. They need not be in the play.
      - A host that is named twice is read once.
    type: list
    elements: str
  concurrency:
    description:
      - How many appliances to read at once. Each takes one connection and a little memory; a log-in takes longer the more there
        are, which O(ignore:ansible_connect_timeout) has to allow.
    type: int
    default: 64
  state:
    description:
      - State to plan for, as in M(emailsec.ctr.esa_cloud_service). Without it the appliances are read, and nothing is planned.
    type: str
    choices: [enabled, registered, unregistered, disabled]
  region:
    description:
      - Region to plan for, one of V(americas), V(europe), V(apjc); or a dictionary from host to region that names every one of
        O(hosts), with null where the server is to be left as it is. Without it, all servers are left as they are.
      - Of use together with O(state) only.
    type: raw
  commit_comment:
    description:
      - Comment of the commit in the planned steps, one line of at most 200 ASCII characters. One for all, or a dict from
        host to comment.
    type: raw
    default: emailsec.ctr
  assume_token:
    description:
      - Whether to plan as if each appliance had a registration token. Where it has none, O(state=registered) is refused for
        appliances that are not registered.
    type: bool
    default: true
  allow_reregistration:
    description:
      - Whether the plan may change the server of a registered appliance, as in M(emailsec.ctr.esa_cloud_service). One for
        all, or a dict from host to boolean.
    type: raw
    default: false
notes:
  - Set C(ansible_connection=emailsec.ctr.asyncos) for the appliances; see P(emailsec.ctr.asyncos#connection). A host with another
    connection is a row that says so.
  - Runs in the Ansible process on the controller and connects to the host of the task only if it is one of O(hosts), so that
    neither C(delegate_to) nor a local connection is needed; use C(run_once).
  - Appliances behind the same jump host, with the same log-in, share one connection to it.
  - A busy appliance is not waited for, as with O(emailsec.ctr.esa_cloud_service#module:wait_timeout=0).
  - A password that was asked for with C(--ask-pass) is used for hosts that have none, unless the host of the task has one.
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

- name: See what onboarding would do, each in its own region
  emailsec.ctr.esa_cloud_service_info:
    hosts: "{{ groups.appliances }}"
    state: registered
    region: "{{ dict(groups.appliances | zip(groups.appliances | map('extract', hostvars, 'esa_ctr_region'))) }}"
    concurrency: 100
  register: fleet
  run_once: true

- name: Name those that could not be read
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
      description: Whether there was a session on the appliance's command line that lasted until the end.
      type: bool
      returned: always
      sample: true
    cloud_service:
      description:
        - The appliance and its cloud service as found, in the shape of RV(emailsec.ctr.esa_cloud_service#module:cloud_service).
          Null where it could not be read.
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
        - Whether the session found uncommitted changes of someone else; null where the appliance does not say or could not be
          read.
      type: bool
      returned: always
      sample: false
    steps:
      description: What M(emailsec.ctr.esa_cloud_service) would do, in order; empty where nothing is to be done or was planned.
      type: list
      elements: str
      returned: always
      sample: [register with a registration token]
    after:
      description:
        - The cloud service as those steps would leave it, in the shape of RV(appliances[].cloud_service). Null where nothing was
          planned, where it is refused, and where the appliance could not be read.
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
      description: Whether M(emailsec.ctr.esa_cloud_service) would refuse it, because of what the appliance is or wants.
      type: bool
      returned: always
      sample: false
    problem:
      description: What is wrong, null where nothing is.
      type: str
      returned: always
      sample: the user 'admin' may not log in with the given password or key.
    fix:
      description: The next step, null where nothing is wrong.
      type: str
      returned: always
      sample: check ansible_user and ansible_password (or ansible_private_key_file).
    remedy:
      description: The same as C(fix), for playbooks that use the older name. It will be removed in the next release.
      type: str
      returned: always
    screen:
      description: The appliance's last output, secrets masked; empty where there was none, null where nothing is wrong.
      type: str
      returned: always
      sample: ""
    msg:
      description: Host, problem, fix and last output in one text, null where nothing is wrong.
      type: str
      returned: always
      sample: "esa1.example.com: the user 'admin' may not log in with the given password or key. Fix: check ansible_user."
"""
