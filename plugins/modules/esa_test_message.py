#!/usr/bin/python
# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: esa_test_message
short_description: Send a marked test message through an email appliance
version_added: 1.0.0
author:
  - the emailsec.ctr contributors (@emailsec-ctr)
description:
  - Sends one message over SMTP through a listener of an ESA. The message has a unique subject and Message-ID, so you can
    find it in message tracking (M(emailsec.ctr.esa_message_tracking_info)) and in an investigation
    (M(emailsec.ctr.ctr_investigation_info)).
  - Run the task on a machine that reaches the listener, usually on the controller with C(delegate_to) localhost,
    C(ansible_connection) local and the controller's interpreter.
  - Every run sends a message. The module does not resend a message whose acceptance was not confirmed.
extends_documentation_fragment:
  - emailsec.ctr.attributes
attributes:
  check_mode:
    support: full
    details:
      - Sends nothing, and returns the subject and Message-ID that a message would have.
  diff_mode:
    support: none
options:
  host:
    description:
      - Host name or IP address of the listener.
    type: str
    required: true
  port:
    description:
      - The port of the listener.
    type: int
    default: 25
  sender:
    description:
      - The address of the sender, in the envelope and in the message.
    type: str
    required: true
  recipient:
    description:
      - The address of the recipient, in the envelope and in the message.
    type: str
    required: true
  subject:
    description:
      - Start of the subject. The module appends a unique part.
    type: str
    default: emailsec.ctr test
  starttls:
    description:
      - Whether the session is encrypted.
    type: str
    choices: [never, if_offered, always]
    default: if_offered
  username:
    description:
      - The user to log in as, if the listener requires a log-in.
      - Requires O(starttls=always), which encrypts the password, or O(starttls=never), which permits sending it unencrypted.
    type: str
  password:
    description:
      - The password of that user.
    type: str
  ca_path:
    description:
      - File or folder of CA certificates to trust, in PEM. The default is the certificates of the system.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the listener is verified.
    type: bool
    default: true
  helo:
    description:
      - The name in the EHLO command. The default is the host name of the machine that runs the task.
    type: str
  timeout:
    description:
      - Seconds to wait for a connection, and for each answer.
    type: float
    default: 30.0
seealso:
  - module: emailsec.ctr.esa_message_tracking_info
  - module: emailsec.ctr.ctr_investigation_info
"""

EXAMPLES = r"""
- name: Send a test message through the appliance
  emailsec.ctr.esa_test_message:
    host: "{{ inventory_hostname }}"
    sender: probe@example.com
    recipient: mailbox@example.com
    starttls: always
  register: sent
  delegate_to: localhost
  vars:
    ansible_connection: local
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""

RETURN = r"""
subject:
  description: The subject of the message.
  returned: always
  type: str
  sample: emailsec.ctr test 6a3c8e2c55a4
message_id:
  description: Its Message-ID, without angle brackets.
  returned: always
  type: str
  sample: emailsec.ctr.6a3c8e2c55a44b0a9c1c0d3f3a0d8a53@example.com
sent_at:
  description: When the listener accepted the message, in UTC; null in check mode.
  returned: success
  type: str
  sample: "2026-01-12T09:30:48Z"
reply:
  description: The listener's reply that accepted the message; null in check mode.
  returned: success
  type: str
  sample: 250 ok Message 1757 accepted
encrypted:
  description: Whether the session was encrypted; null in check mode.
  returned: success
  type: bool
step:
  description: The SMTP step that failed.
  returned: failure
  type: str
  sample: RCPT TO
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

from ansible_collections.emailsec.ctr.plugins.module_utils._modules.esa_test_message import MODULE


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
