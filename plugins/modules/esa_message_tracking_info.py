#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: esa_message_tracking_info
short_description: Find messages in the message tracking of an ESA or SMA
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Searches Message Tracking of an email appliance through the AsyncOS REST API, and can wait until a message is found.
  - It never changes anything.
  - The API is read over HTTPS, not over the connection of this collection. Run the task where the appliance's API port
    can be reached, usually on the controller with C(delegate_to) localhost, C(ansible_connection) local and the
    controller's interpreter.
  - It has to be enabled on the appliance, Network > IP Interfaces, C(AsyncOS API HTTPS).
extends_documentation_fragment:
  - emailsec.ctr.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - There is nothing to show, as nothing is ever changed.
options:
  host:
    description:
      - Host name or IP address of the appliance.
    type: str
    required: true
  port:
    description:
      - The port of the AsyncOS API over HTTPS; V(443) on an appliance that Cisco hosts.
    type: int
    default: 6443
  product:
    description:
      - What the appliance is; the paths of the API differ.
      - The tracking of an ESA that an SMA manages is searched on the SMA.
    type: str
    choices: [esa, sma]
    default: esa
  username:
    description:
      - A user of the appliance whose role may see message tracking. Accounts with two-factor authentication cannot be
        used.
    type: str
    required: true
  password:
    description:
      - The passphrase of the user.
    type: str
    required: true
  ca_path:
    description:
      - A file, or a directory prepared by C(c_rehash), of the CA certificates to trust, in PEM. The appliance's own
        certificate does, if it signed itself.
      - It wins over E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE), which are used only where this option is not given.
    type: path
  validate_certs:
    description:
      - Whether the appliance's certificate is verified. V(false) wins over everything else, also in the environment.
    type: bool
    default: true
  proxy:
    description:
      - The address of the HTTP proxy through which all requests go.
      - Without it, E(HTTPS_PROXY) and E(NO_PROXY) are honoured. A C(.netrc) file is never used.
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and for data on it. A search takes 60 to 100 seconds on a loaded appliance.
    type: float
    default: 120.0
  start:
    description:
      - Search from this time on, in ISO 8601. Without an offset it is in UTC. It is rounded down to the minute.
      - Mutually exclusive with O(last).
    type: str
  end:
    description:
      - Search up to this time, rounded up to the minute. Without it, up to now.
    type: str
  last:
    description:
      - How far to look back from O(end), such as V(15m), V(2h), V(30d) or V(1w).
      - Without it and O(start), one day.
    type: str
  subject:
    description:
      - Only messages with this subject.
    type: str
  subject_operator:
    description:
      - How O(subject) is compared.
    type: str
    choices: [contains, is, begins_with]
    default: contains
  sender:
    description:
      - Only messages from this envelope sender.
    type: str
  sender_operator:
    description:
      - How O(sender) is compared.
    type: str
    choices: [contains, is, begins_with]
    default: is
  recipient:
    description:
      - Only messages to this envelope recipient.
    type: str
  recipient_operator:
    description:
      - How O(recipient) is compared.
    type: str
    choices: [contains, is, begins_with]
    default: is
  attachment_name:
    description:
      - Only messages with an attachment of this name.
    type: str
  attachment_name_operator:
    description:
      - How O(attachment_name) is compared.
    type: str
    choices: [contains, is, begins_with]
    default: contains
  sender_domain:
    description:
      - Only messages from this domain.
    type: str
  sender_domain_operator:
    description:
      - How O(sender_domain) is compared.
    type: str
    choices: [contains, is, begins_with]
    default: is
  reply_to:
    description:
      - Only messages with this reply address.
    type: str
  reply_to_operator:
    description:
      - How O(reply_to) is compared.
    type: str
    choices: [contains, is, begins_with]
    default: is
  message_id:
    description:
      - Only messages with this Message-ID header.
    type: str
  cisco_mid:
    description:
      - Only the message with this MID, the number that the appliance gave it.
    type: int
  sha256:
    description:
      - Only messages with an attachment of this SHA-256 hash, 64 hexadecimal digits.
    type: str
  sender_ip:
    description:
      - Only messages from this IP address.
    type: str
  status:
    description:
      - Only messages of this delivery status, in the words of the API, such as V(DELIVERED).
    type: str
  direction:
    description:
      - Only messages of this direction.
    type: str
    choices: [incoming, outgoing]
  cisco_host:
    description:
      - On an SMA, only messages of the appliance with this host name.
    type: str
    default: All_Hosts
  max_messages:
    description:
      - Stop after so many messages. They are read in pages of 100, newest first.
    type: int
    default: 1000
  wait_progress:
    description:
      - Used by the action plugin of this name between its repetitions of the module. Do not set it.
    type: dict
    suboptions:
      seen:
        description:
          - How many messages there were at the look before.
        type: int
      elapsed:
        description:
          - Seconds waited so far.
        type: float
        default: 0.0
  wait_timeout:
    description:
      - Seconds to wait until at least one message is found; then the task fails if there is none. Progress is shown
        meanwhile.
      - A search that times out, is answered 5xx or loses its connection is repeated, with a warning. A log-in without an
        answer is repeated only if an earlier one succeeded, because failed log-ins lock the account.
      - V(0) searches once, and finding nothing is no failure.
    type: float
    default: 0.0
  wait_interval:
    description:
      - Seconds between two searches.
    type: float
    default: 5.0
requirements:
  - requests >= 2.31.0
seealso:
  - module: emailsec.ctr.ctr_investigation_info
"""

EXAMPLES = r"""
- name: Find a message of the last hour by its subject
  emailsec.ctr.esa_message_tracking_info:
    host: esa1.example.com
    username: admin
    password: "{{ appliance_password }}"
    last: 1h
    subject: Invoice Due
    subject_operator: is
  delegate_to: localhost
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"

- name: Wait until a message is tracked
  emailsec.ctr.esa_message_tracking_info:
    host: sma1.example.com
    product: sma
    ca_path: /etc/ssl/appliances.pem
    username: admin
    password: "{{ appliance_password }}"
    last: 15m
    message_id: <123-abc-456@example.com>
    wait_timeout: 300
  delegate_to: localhost
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""

RETURN = r"""
messages:
  description: The messages found, newest first. What the appliance does not say is null, or an empty list.
  returned: success
  type: list
  elements: dict
  contains:
    mids:
      description: The message ids (MID); more than one where the appliance split the message.
      type: list
      elements: int
    icid:
      description: The id of the connection (ICID) over which it came.
      type: int
    timestamp:
      description:
        - When it was accepted, in UTC.
        - The appliance's own words where they are of a form that is not known; null where it says nothing.
      type: str
    timestamp_text:
      description: The same in the appliance's words.
      type: str
    subject:
      description: The subject, which may be empty.
      type: str
    sender:
      description: The envelope sender.
      type: str
    sender_ip:
      description: The address from which it came.
      type: str
    recipients:
      description: The envelope recipients.
      type: list
      elements: str
    message_id:
      description: The Message-ID header.
      type: str
    status:
      description: The status of the last of RV(messages[].mids).
      type: str
    statuses:
      description: The status of each MID.
      type: dict
    direction:
      description: Such as V(incoming).
      type: str
    host:
      description: The host name of the appliance that accepted it.
      type: str
    serial:
      description: The serial number of that appliance.
      type: str
    reply_to:
      description: The reply address.
      type: str
    sender_group:
      description: The sender group that matched.
      type: str
    mail_policies:
      description: The mail policies that matched.
      type: list
      elements: str
  sample:
    - mids: [1757]
      icid: 1625
      timestamp: "2026-01-12T09:30:48Z"
      timestamp_text: 12 Jan 2026 09:30:48 (GMT +00:00)
      subject: Invoice Due
      sender: noreply@example.com
      sender_ip: 192.0.2.7
      recipients: [someone@example.com]
      message_id: <123-abc-456@example.com>
      status: Delivered
      statuses: {"1757": Delivered}
      direction: incoming
      host: esa1.example.com
      serial: 423ADC9EBD9C5F1A7A64-B81D2582608C
      reply_to:
      sender_group: UNKNOWNLIST
      mail_policies: [DEFAULT]
total:
  description: How many messages match, as far as the appliance says; at least the number of RV(messages).
  returned: success
  type: int
truncated:
  description: Whether there are, or may be, more messages than O(max_messages).
  returned: success
  type: bool
bad_records:
  description: How many records the appliance itself could not read.
  returned: success
  type: int
start:
  description: The begin of what was searched, in UTC.
  returned: success
  type: str
end:
  description: The end of what was searched, in UTC.
  returned: success
  type: str
waited:
  description: Whether there is a message by now; null without O(wait_timeout).
  returned: success
  type: dict
  contains:
    tracked:
      description: V(1) if there is one, or V(0).
      type: int
    of:
      description: How many are enough, V(1).
      type: int
    done:
      description: Whether what was waited for is there.
      type: bool
looked_at:
  description: When the last answer came, in UTC.
  returned: success
  type: str
  sample: "2026-01-12T09:31:20Z"
api_calls:
  description: How many requests were sent to the appliance.
  returned: always
  type: int
error:
  description: The appliance's message about the failure.
  returned: failure
  type: str
  sample: Invalid username or passphrase.
error_description:
  description: The appliance's explanation of the failure.
  returned: failure
  type: str
http_status:
  description: The HTTP status of the failure.
  returned: failure
  type: int
  sample: 401
refusal:
  description:
    - What the words of a refused search say, V(tracking_off), V(bad_attribute), V(no_path) for a path that is not there,
      or V(other) for words that are not known.
    - Null for failures other than a search that was answered 4xx, and for 401. A search that is refused because there is
      no such message is no failure, and finds none.
  returned: failure
  type: str
  sample: tracking_off
path:
  description: Method and path of the request that failed.
  returned: failure
  type: str
  sample: POST /esa/api/v2.0/login
fix:
  description: What to do about the failure.
  returned: failure
  type: str
problem:
  description: What went wrong, without the host and the fix.
  returned: failure
  type: str
remedy:
  description: The same as RV(fix), for playbooks that use the older name. It will be removed in the next release.
  returned: failure
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.tracking import (
    run_tracking_module,
    tracking_argument_spec,
)


def main() -> None:
    module = AnsibleModule(
        argument_spec=tracking_argument_spec(),
        mutually_exclusive=[("start", "last")],
        supports_check_mode=True,
    )
    run_tracking_module(module)


if __name__ == "__main__":
    main()
