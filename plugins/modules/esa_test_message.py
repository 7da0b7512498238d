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
  - Sends one message over SMTP through a listener of an ESA, with a subject and a Message-ID that nobody has used before, so
    that it can be found again in message tracking (M(emailsec.ctr.esa_message_tracking_info)) and in an investigation
    (M(emailsec.ctr.ctr_investigation_info)).
  - Run the task where the listener can be reached, usually on the controller with C(delegate_to) localhost,
    C(ansible_connection) local and the controller's interpreter.
  - Every run sends a message. A message whose acceptance was not confirmed is not sent again.
extends_documentation_fragment:
  - emailsec.ctr.attributes
attributes:
  check_mode:
    support: full
    details:
      - Sends nothing, and returns the marks that a message would have had.
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
      - How the subject begins; a part that nobody has used before follows.
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
      - The user to log in as, where the listener wants it.
      - Needs O(starttls=always), so that the password never travels in clear, or O(starttls=never), which says that it may.
    type: str
  password:
    description:
      - The password of that user.
    type: str
  ca_path:
    description:
      - A file or folder of the CA certificates to trust, in PEM. Without it, those of the system.
    type: path
  validate_certs:
    description:
      - Whether the certificate of the listener is verified.
    type: bool
    default: true
  helo:
    description:
      - The name to greet the listener with. Without it, the host name of the machine that runs the task.
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
  description: When the listener accepted it, in UTC; null in check mode.
  returned: success
  type: str
  sample: "2026-01-12T09:30:48Z"
reply:
  description: The words with which the listener accepted it; null in check mode.
  returned: success
  type: str
  sample: 250 ok Message 1757 accepted
encrypted:
  description: Whether the session was encrypted; null in check mode.
  returned: success
  type: bool
step:
  description: The step of SMTP at which it failed.
  returned: failure
  type: str
  sample: RCPT TO
fix:
  description: What to do about it.
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

import os
import ssl
from datetime import datetime, timezone

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.emailsec.ctr.plugins.module_utils._mail import marked_message
from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault

LONGEST_SUBJECT = 200


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "host": {"type": "str", "required": True},
            "port": {"type": "int", "default": 25},
            "sender": {"type": "str", "required": True},
            "recipient": {"type": "str", "required": True},
            "subject": {"type": "str", "default": "emailsec.ctr test"},
            "starttls": {
                "type": "str",
                "choices": list(marked_message.STARTTLS),
                "default": marked_message.IF_OFFERED,
            },
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "ca_path": {"type": "path"},
            "validate_certs": {"type": "bool", "default": True},
            "helo": {"type": "str"},
            "timeout": {"type": "float", "default": 30.0},
        },
        required_together=[("username", "password")],
        supports_check_mode=True,
    )
    options = module.params
    mark = marked_message.new_mark(options["subject"], options["sender"])
    result = {"changed": True, "subject": mark.subject, "message_id": mark.message_id}
    problem = option_problem(options)
    if problem:
        module.fail_json(msg=problem, **{**result, "changed": False})
    if module.check_mode:
        module.exit_json(**result, sent_at=None, reply=None, encrypted=None)
    try:
        way = smtp_settings_of(options)
    except OSError as error:
        module.fail_json(
            msg=f"ca_path {options['ca_path']} cannot be read on the machine that runs this task: {error.strerror or error}. Give "
            "a file of certificates in PEM, or a folder of them.",
            **{**result, "changed": False},
        )
    try:
        told = marked_message.send(way, marked_message.message_of(mark, options["sender"], options["recipient"]))
    except marked_message.NotSent as error:
        module.fail_json(
            msg=f"{options['host']}: the test message was not accepted at the step {error}. {error.fix}",
            step=error.step,
            fix=error.fix,
            **{**result, "changed": False},
        )
    module.exit_json(**result, **told, sent_at=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))


def option_problem(options: dict) -> str | None:
    """What is wrong with the options, with the fix, or None."""
    if options["username"] and options["starttls"] == marked_message.IF_OFFERED:
        return (
            "username is given, and starttls is if_offered, so that the password might travel in clear. Set starttls to always, "
            "or to never where the way to the listener is trusted."
        )
    for name in ("sender", "recipient"):
        if not marked_message.ADDRESS.fullmatch(options[name]):
            return f"{name} is no mail address: {options[name]!r}. Write it like someone@example.com."
    if not options["subject"].isprintable() or len(options["subject"]) > LONGEST_SUBJECT:
        return f"subject is no line of printable letters, {LONGEST_SUBJECT} at most. Shorten it to a word or two."
    if not 1 <= options["port"] <= 65535:
        return f"port must be 1 to 65535, and is {options['port']}."
    fault = seconds_fault(options, "timeout", above_0=True)
    return f"{fault}." if fault else None


def smtp_settings_of(options: dict) -> marked_message.SmtpSettings:
    """How to reach the listener, from the options. Raises OSError for certificates that cannot be read."""
    path = options["ca_path"]
    tls = ssl.create_default_context()
    if path and options["validate_certs"]:
        tls.load_verify_locations(**({"capath": path} if os.path.isdir(path) else {"cafile": path}))
    if not options["validate_certs"]:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
    return marked_message.SmtpSettings(
        host=options["host"],
        port=options["port"],
        starttls=options["starttls"],
        username=options["username"],
        password=options["password"],
        tls=tls,
        helo=options["helo"],
        timeout=options["timeout"],
    )


if __name__ == "__main__":
    main()
