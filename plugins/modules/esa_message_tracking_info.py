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
  - Never changes anything.
  - Uses HTTPS, not the SSH connection of this collection. Run the task on a machine that reaches the appliance's API port,
    usually on the controller with C(delegate_to) localhost, C(ansible_connection) local and the controller's interpreter.
  - Enable the API on the appliance under Network > IP Interfaces, C(AsyncOS API HTTPS).
extends_documentation_fragment:
  - emailsec.ctr.profile
  - emailsec.ctr.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details:
      - The module changes nothing.
options:
  record:
    description:
      - Folder on the machine that runs the task. Every exchange with the API is kept there, with secrets masked and data replaced,
        in files that only the user can read.
    type: path
  host:
    description:
      - Host name or IP address of the appliance.
    type: str
    required: true
  port:
    description:
      - The port of the AsyncOS API over HTTPS; V(443) on an appliance that Cisco hosts. By default that of O(profile), or V(6443).
    type: int
  product:
    description:
      - Product of the appliance. The paths of the API differ.
      - For an ESA with centralized tracking, search on its SMA.
    type: str
    choices: [esa, sma]
    default: esa
  username:
    description:
      - A user of the appliance whose role may see message tracking. The API does not support two-factor authentication.
    type: str
    required: true
  password:
    description:
      - The passphrase of the user.
    type: str
    required: true
  ca_path:
    description:
      - File of CA certificates to trust in PEM, or directory prepared with C(c_rehash). For a self-signed certificate, use
        the appliance's own certificate.
      - Overrides E(REQUESTS_CA_BUNDLE) and E(CURL_CA_BUNDLE).
    type: path
  validate_certs:
    description:
      - Whether the appliance's certificate is verified. V(false) overrides O(ca_path) and the environment.
    type: bool
    default: true
  proxy:
    description:
      - Address of the HTTP proxy for all requests.
      - The default comes from E(HTTPS_PROXY) and E(NO_PROXY). A C(.netrc) file is never used.
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and for data on it. A search takes 60 to 100 seconds on a busy appliance.
    type: float
    default: 120.0
  start:
    description:
      - Start of the search in ISO 8601, in UTC without an offset. It is rounded down to the minute.
      - Mutually exclusive with O(last).
    type: str
  end:
    description:
      - End of the search, rounded up to the minute. The default is now.
    type: str
  last:
    description:
      - Duration of the search before O(end), such as V(15m), V(2h), V(30d) or V(1w).
      - The default without O(start) is one day.
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
      - Only the message with this MID, its number on the appliance.
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
      - Only messages with this delivery status of the API, such as V(DELIVERED).
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
      - Maximum number of messages. They are read in pages of 100, newest first.
    type: int
    default: 1000
  wait_progress:
    description:
      - Internal option of the action plugin of this name. Do not set it.
    type: dict
    suboptions:
      seen:
        description:
          - Number of messages at the previous search.
        type: int
      elapsed:
        description:
          - Seconds waited so far.
        type: float
        default: 0.0
  wait_timeout:
    description:
      - Seconds to wait until at least one message is found. The task shows progress, and fails if there is no message then.
      - A search that times out, gets a 5xx answer or loses its connection is repeated with a warning. A log-in without an
        answer is repeated only if an earlier log-in succeeded, because failed log-ins lock the account.
      - V(0) searches once, and the task succeeds even if no message is found.
    type: float
    default: 0.0
  wait_interval:
    description:
      - Polling interval in seconds.
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
  description: The messages found, newest first. A field that the appliance omits is null, or an empty list.
  returned: success
  type: list
  elements: dict
  contains:
    mids:
      description: The message ids (MID); several if the appliance split the message.
      type: list
      elements: int
    icid:
      description: The id of the incoming connection (ICID).
      type: int
    timestamp:
      description:
        - When the appliance accepted the message, in UTC.
        - The appliance's text if its format is unknown; null if there is none.
      type: str
    timestamp_text:
      description: The same time as the appliance writes it.
      type: str
    subject:
      description: The subject, which may be empty.
      type: str
    sender:
      description: The envelope sender.
      type: str
    sender_ip:
      description: The IP address of the sender.
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
      description: The direction, such as V(incoming).
      type: str
    host:
      description: The host name of the appliance that accepted the message.
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
  description: Number of matching messages according to the appliance; at least the number of RV(messages).
  returned: success
  type: int
truncated:
  description: Whether there are or may be more messages than O(max_messages).
  returned: success
  type: bool
bad_records:
  description: Number of tracking records that the appliance could not read.
  returned: success
  type: int
start:
  description: The start of the search, in UTC.
  returned: success
  type: str
end:
  description: The end of the search, in UTC.
  returned: success
  type: str
waited:
  description: Whether a message was found; null without O(wait_timeout).
  returned: success
  type: dict
  contains:
    tracked:
      description: V(1) if a message was found, else V(0).
      type: int
    of:
      description: Number of messages to wait for, always V(1).
      type: int
    done:
      description: Whether a message was found.
      type: bool
looked_at:
  description: When the last answer arrived, in UTC.
  returned: success
  type: str
  sample: "2026-01-12T09:31:20Z"
clock_difference:
  description: Seconds by which the clock of the appliance is ahead of the machine that runs the task; 0 for less than a minute.
  returned: success
  type: int
  sample: 0
api_calls:
  description: Number of requests sent to the appliance.
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
    - Reason for which the appliance refused the search, V(tracking_off), V(bad_attribute), V(no_path) for a missing path,
      or V(other) for an unknown message.
    - Null for all other failures, and for 401. If the appliance answers that there is no such message, the search succeeds
      and finds none.
  returned: failure
  type: str
  sample: tracking_off
path:
  description: Method and path of the failed request.
  returned: failure
  type: str
  sample: POST /esa/api/v2.0/login
fix:
  description: What to do.
  returned: failure
  type: str
problem:
  description: What is wrong, without the host and the fix.
  returned: failure
  type: str
remedy:
  description: Alias of RV(fix) for older playbooks. It will be removed in the next release.
  returned: failure
  type: str
"""

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.esa_message_tracking_info import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
