# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Send a marked test message through an appliance over SMTP.

Source: RFC 5321 and RFC 3207, implemented by Python's smtplib; the vendor's procedure verifies with a test message
(grade A).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import Secrets

NEVER, IF_OFFERED, ALWAYS = "never", "if_offered", "always"
STARTTLS = (NEVER, IF_OFFERED, ALWAYS)
ADDRESS = re.compile(
    r"[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Za-z.:]+\])"
)
"""A mail address in ASCII without quotes, spaces or comments."""
LONGEST_LINE = 998
"""Longest line of a message (RFC 5322). It avoids folded headers: some readers change a folded Message-ID."""
LONGEST_REPLY = 300
BODY = "This message was sent by emailsec.ctr to verify that an investigation finds it. It can be deleted.\n"


class NotSent(Exception):
    """The message was not accepted. ``words`` is the appliance's reply, without secrets."""

    def __init__(self, step: str, words: str, fix: str) -> None:
        self.step = step
        self.words = words
        self.fix = fix
        super().__init__(f"{step}: {words}")


@dataclass(frozen=True)
class Mark:
    """Unique ``subject`` and ``message_id`` (without angle brackets) of a message."""

    subject: str
    message_id: str


@dataclass(frozen=True, repr=False)
class SmtpSettings:
    """Address and log-in of the listener. ``timeout`` is in seconds, for the connection and for each answer."""

    host: str
    port: int
    starttls: str
    username: str | None
    password: str | None
    tls: ssl.SSLContext
    helo: str | None
    timeout: float


def new_mark(prefix: str, sender: str) -> Mark:
    """Return a unique subject and Message-ID."""
    token = uuid.uuid4().hex
    domain = sender.rpartition("@")[2] or "example.com"
    return Mark(subject=f"{prefix} {token[:12]}", message_id=f"emailsec.ctr.{token}@{domain}")


def message_of(mark: Mark, sender: str, recipient: str) -> EmailMessage:
    """Return a message with this subject and Message-ID."""
    message = EmailMessage(policy.default.clone(max_line_length=LONGEST_LINE))
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = mark.subject
    message["Message-ID"] = f"<{mark.message_id}>"
    message["Date"] = format_datetime(datetime.now(timezone.utc))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(BODY)
    return message


def send(settings: SmtpSettings, message: EmailMessage) -> dict[str, Any]:
    """Send the message once. Return ``reply`` (of the listener) and ``encrypted``. Raise NotSent.

    After NotSent the message was not accepted, except at the step C(end of data) without an answer: then it may have been.
    """
    step = f"connect to {settings.host}:{settings.port}"
    problem = NotSent(step, "no answer", _LOGS)
    try:
        with _session(settings) as session:
            step = "EHLO"
            session.ehlo_or_helo_if_needed()
            step = "STARTTLS"
            encrypted = _encrypt(session, settings)
            step = "AUTH"
            if settings.username:
                session.login(settings.username, settings.password or "")
            step = "MAIL FROM"
            _expect(step, session.mail(str(message["From"])))
            step = "RCPT TO"
            _expect(step, session.rcpt(str(message["To"])))
            step = "DATA"
            _expect(step, session.docmd("data"), 354)
            step = "end of data"
            session.send(_smtp_data(message))
            reply = session.getreply()
            _expect(step, reply)
            return {"reply": _without_secrets(_reply_text(*reply), settings), "encrypted": encrypted}
    except NotSent as error:
        problem = error
    except smtplib.SMTPAuthenticationError as error:
        fix = _FIXES["AUTH refused in clear" if error.smtp_code in UNENCRYPTED_REFUSALS else "AUTH refused"]
        problem = NotSent(step, _reply_text(error.smtp_code, error.smtp_error), fix)
    except smtplib.SMTPConnectError as error:
        problem = NotSent(step, _reply_text(error.smtp_code, error.smtp_error), _FIXES["greeting"])
    except smtplib.SMTPResponseException as error:
        problem = NotSent(step, _reply_text(error.smtp_code, error.smtp_error), _fix(step))
    except ssl.SSLError as error:
        words = getattr(error, "verify_message", None) or error.reason or str(error)
        problem = NotSent(step, f"TLS failed ({words})", _FIXES["TLS"])
    except (smtplib.SMTPException, OSError, ValueError) as error:
        silent = isinstance(error, (smtplib.SMTPServerDisconnected, OSError)) and step in ("end of data", "STARTTLS")
        problem = NotSent(step, str(error) or type(error).__name__, _fix(f"{step}, no answer" if silent else step))
        if isinstance(error, UnicodeError) and not step.startswith("connect"):
            # Its text has a part of the password.
            problem = NotSent(step, "a value has characters that SMTP cannot send", _FIXES["characters"])
    # Raised outside the handlers, so that neither the traceback nor the listener's reply holds a secret.
    raise NotSent(problem.step, _without_secrets(problem.words, settings), problem.fix)


@contextlib.contextmanager
def _session(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    """Open a session that ends with QUIT. Ignore the reply to QUIT."""
    session = smtplib.SMTP(settings.host, settings.port, local_hostname=settings.helo, timeout=settings.timeout)
    try:
        yield session
        with contextlib.suppress(smtplib.SMTPException, OSError):
            session.quit()
    finally:
        session.close()


def _smtp_data(message: EmailMessage) -> bytes:
    """Return the message with CRLF, doubled leading dots and the final dot of SMTP."""
    lines = message.as_bytes().splitlines()
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def _without_secrets(words: str, settings: SmtpSettings) -> str:
    """Return the words, masked and shortened: a listener may repeat the password, in plain text or in a form of AUTH."""
    pair = f"\0{settings.username}\0{settings.password}" if settings.password else None
    return Secrets(settings.password, pair).line(words, LONGEST_REPLY)


UNENCRYPTED_REFUSALS = (523, 530, 538)
"""Reply codes for a log-in that needs an encrypted session (RFC 3207, RFC 4954)."""
_LOGS = "check the mail logs of the appliance."
_FIXES = {
    "connect": "check host, port and firewall, and that the appliance has a listener there.",
    "greeting": "check port, and that the Host Access Table of the listener allows connections from this machine.",
    "STARTTLS": "enable TLS on the listener; if the network is trusted, set starttls to never.",
    "TLS": "set ca_path to the CA certificates of the listener, and host to the name in its certificate.",
    "AUTH": "set starttls to always; if the listener needs no log-in, remove username.",
    "AUTH refused": "check username and password.",
    "AUTH refused in clear": "set starttls to always: the listener requires an encrypted session for a log-in.",
    "characters": "use ASCII only in username, password, sender and recipient.",
    "MAIL FROM": "check sender and the Host Access Table, and whether the listener requires a log-in.",
    "RCPT TO": "check recipient and the Recipient Access Table, and whether the listener requires a log-in.",
    "DATA": "check the policies of the listener, and whether it requires a log-in.",
    "end of data": "check the policies and filters of the appliance.",
    "end of data, no answer": "check message tracking: the appliance may have accepted the message, so it is not sent again.",
}


def _fix(step: str) -> str:
    return _FIXES.get("connect" if step.startswith("connect") else step, _LOGS)


def _encrypt(session: smtplib.SMTP, settings: SmtpSettings) -> bool:
    if settings.starttls == NEVER:
        return False
    if not session.has_extn("starttls"):
        if settings.starttls == ALWAYS:
            raise NotSent("STARTTLS", "not offered", _FIXES["STARTTLS"])
        return False
    session.starttls(context=settings.tls)
    session.ehlo_or_helo_if_needed()
    return True


def _expect(step: str, reply: tuple[int, bytes], code: int = 250) -> None:
    if reply[0] // 100 != code // 100:
        raise NotSent(step, _reply_text(*reply), _fix(step))


def _reply_text(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return f"{code} {text}"
