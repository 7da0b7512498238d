# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A marked test message, sent through an appliance over SMTP.

Source: RFC 5321 and RFC 3207 by Python's smtplib; that a test message is part of the verification, the vendor's
procedure (grade A).
"""

from __future__ import annotations

import smtplib
import ssl
import uuid
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Any

NEVER, IF_OFFERED, ALWAYS = "never", "if_offered", "always"
STARTTLS = (NEVER, IF_OFFERED, ALWAYS)
BODY = "This message was sent by emailsec.ctr to verify that an investigation finds it. It can be deleted.\n"


class NotSent(Exception):
    """The message was not accepted: at which step, in the appliance's words, and what to do. Never holds a secret."""

    def __init__(self, step: str, words: str, remedy: str) -> None:
        self.step = step
        self.words = words
        self.remedy = remedy
        super().__init__(f"{step}: {words}")


@dataclass(frozen=True)
class Mark:
    """What makes a message unique: ``subject`` and ``message_id`` (without angle brackets)."""

    subject: str
    message_id: str


@dataclass(frozen=True, repr=False)
class Way:
    """How to reach the listener. ``timeout`` is in seconds; ``tls`` is None where certificates are not verified at all."""

    host: str
    port: int
    starttls: str
    username: str | None
    password: str | None
    tls: ssl.SSLContext
    helo: str | None
    timeout: float


def new_mark(prefix: str, sender: str) -> Mark:
    """A subject and a Message-ID that nobody has used before."""
    token = uuid.uuid4().hex
    domain = parseaddr(sender)[1].rpartition("@")[2] or "example.com"
    return Mark(subject=f"{prefix} {token[:12]}", message_id=f"emailsec.ctr.{token}@{domain}")


def message_of(mark: Mark, sender: str, recipient: str) -> EmailMessage:
    """The message with these marks."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = mark.subject
    message["Message-ID"] = f"<{mark.message_id}>"
    message["Date"] = format_datetime(datetime.now(timezone.utc))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(BODY)
    return message


def send(way: Way, message: EmailMessage) -> dict[str, Any]:
    """Send it once. Returns C(reply) (the listener's last words) and C(encrypted). Raises NotSent; nothing was sent then,
    except where the step is C(end of data), after which nobody knows."""
    step = f"connect to {way.host}:{way.port}"
    problem = NotSent(step, "no answer", _LOGS)
    try:
        with smtplib.SMTP(way.host, way.port, local_hostname=way.helo, timeout=way.timeout) as session:
            step = "EHLO"
            session.ehlo_or_helo_if_needed()
            step = "STARTTLS"
            encrypted = _encrypt(session, way)
            step = "AUTH"
            if way.username:
                session.login(way.username, way.password or "")
            step = "MAIL FROM"
            _expect(step, session.mail(parseaddr(str(message["From"]))[1]))
            step = "RCPT TO"
            _expect(step, session.rcpt(parseaddr(str(message["To"]))[1]))
            step = "end of data"
            reply = session.data(message.as_bytes())
            _expect(step, reply)
            return {"reply": _words(*reply), "encrypted": encrypted}
    except NotSent:
        raise
    except smtplib.SMTPAuthenticationError as error:
        problem = NotSent(step, _words(error.smtp_code, error.smtp_error), "Check smtp username and password.")
    except smtplib.SMTPResponseException as error:
        problem = NotSent(step, _words(error.smtp_code, error.smtp_error), _REMEDIES.get(step, _LOGS))
    except ssl.SSLError as error:
        problem = NotSent(
            step,
            f"TLS failed ({error.reason or error})",
            "Give the CA certificates of the listener in ca_path, or the certificate's host name in host.",
        )
    except (smtplib.SMTPException, OSError, ValueError) as error:
        problem = NotSent(
            step, str(error) or type(error).__name__, _REMEDIES.get(step.split(" ", maxsplit=1)[0], _LOGS)
        )
    # Raised outside the handlers, so that no traceback carries what the library was given.
    raise problem


_LOGS = "Look at the mail logs of the appliance."
_REMEDIES = {
    "connect": "Check host, port, firewall, and that a public or private listener of the appliance is there.",
    "AUTH": "The listener offers no log-in that is known here; leave username out if it does not want one.",
    "STARTTLS": "The listener offers no STARTTLS; set starttls to never if the way to it is trusted.",
    "MAIL FROM": "The listener refuses the sender: check the Host Access Table and sender.",
    "RCPT TO": "The listener refuses the recipient: check the Recipient Access Table and recipient.",
    "end of data": "The appliance refuses the message: check its policies and filters.",
}


def _encrypt(session: smtplib.SMTP, way: Way) -> bool:
    if way.starttls == NEVER:
        return False
    if not session.has_extn("starttls"):
        if way.starttls == ALWAYS:
            raise NotSent("STARTTLS", "not offered", _REMEDIES["STARTTLS"])
        return False
    code, words = session.starttls(context=way.tls)
    if code != 220:
        raise NotSent("STARTTLS", _words(code, words), _LOGS)
    session.ehlo_or_helo_if_needed()
    return True


def _expect(step: str, reply: tuple[int, bytes]) -> None:
    if not 200 <= reply[0] < 300:
        raise NotSent(step, _words(*reply), _REMEDIES[step])


def _words(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{code} {' '.join(text.split())}"[:300]
