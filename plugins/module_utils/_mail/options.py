# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Send a test message with the options of the module esa_test_message, and return its result."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._seconds import seconds_fault
from ansible_collections.emailsec.ctr.plugins.module_utils._shown import message

from . import marked_message

LONGEST_SUBJECT = 200
REQUIRED_TOGETHER = [("username", "password")]


def message_argument_spec() -> dict[str, Any]:
    """Return the argument spec of the module esa_test_message."""
    return {
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
    }


def send_message(options: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
    """Send a marked message once, and return the result of the module. With ``check_mode`` only check the options."""
    mark = marked_message.new_mark(options["subject"], options["sender"])
    result = {"changed": True, "subject": mark.subject, "message_id": mark.message_id}
    problem = option_problem(options)
    if problem:
        return {**result, "changed": False, "failed": True, "msg": problem}
    if check_mode:
        return {**result, "sent_at": None, "reply": None, "encrypted": None}
    try:
        settings = smtp_settings_of(options)
    except OSError as error:
        problem = (
            f"{options['host']}: ca_path {options['ca_path']} cannot be read on the machine that runs this task: "
            f"{error.strerror or error}. Fix: set ca_path to a file or folder of certificates in PEM."
        )
        return {**result, "changed": False, "failed": True, "msg": problem}
    try:
        sent = marked_message.send(settings, marked_message.message_of(mark, options["sender"], options["recipient"]))
    except marked_message.NotSent as error:
        problem = f"the test message was not accepted at the step {error}"
        return {
            **result,
            "changed": False,
            "failed": True,
            "msg": message(options["host"], problem, error.fix),
            "step": error.step,
            "problem": problem,
            "fix": error.fix,
            "remedy": error.fix,
        }
    return {**result, **sent, "sent_at": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")}


def option_problem(options: Mapping[str, Any]) -> str | None:
    """Return the first error in the options with its fix, or None."""
    if options["username"] and options["starttls"] == marked_message.IF_OFFERED:
        return (
            "username is set and starttls is if_offered, so the password could be sent unencrypted. Fix: set starttls to "
            "always, or to never if the network is trusted."
        )
    for name in ("sender", "recipient"):
        if not marked_message.ADDRESS.fullmatch(options[name]):
            return f"{name} is not a mail address: {options[name]!r}. Fix: write it like someone@example.com."
    if not options["subject"].isprintable() or len(options["subject"]) > LONGEST_SUBJECT:
        return f"subject is not one printable line of at most {LONGEST_SUBJECT} characters. Fix: shorten it."
    if not 1 <= options["port"] <= 65535:
        return f"port must be 1 to 65535, and is {options['port']}. Fix: correct port."
    fault = seconds_fault(options, "timeout", above_0=True)
    return message(None, *fault) if fault else None


def smtp_settings_of(options: Mapping[str, Any]) -> marked_message.SmtpSettings:
    """Return the SMTP settings of the options. Raise OSError for certificates that cannot be read."""
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
