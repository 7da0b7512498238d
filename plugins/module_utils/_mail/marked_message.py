# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. A marked test message, sent through an appliance over SMTP.

Source: RFC 5321 and RFC 3207 by Python's smtplib; that a test message is part of the verification, the vendor's
procedure (grade A).
"""

from __future__ import annotations

import base64
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

NEVER, IF_OFFERED, ALWAYS = "never", "if_offered", "always"
STARTTLS = (NEVER, IF_OFFERED, ALWAYS)
ADDRESS = re.compile(
    r"[!#-'*+\-/-9=?A-Z^-~]+(?:\.[!#-'*+\-/-9=?A-Z^-~]+)*@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Za-z.:]+\])"
)
"""A mail address in ASCII without quotes, blanks or comments."""
LONGEST_LINE = 998
"""Of a message (RFC 5322), so that no header is folded: a folded Message-ID is another one to some readers."""
BODY = "This message was sent by emailsec.ctr to verify that an investigation finds it. It can be deleted.\n"


class NotSent(Exception):
    """The message was not accepted: at which step, in the appliance's words, and what to do. Never holds a secret."""

    def __init__(self, step: str, words: str, fix: str) -> None:
        self.step = step
        self.words = words
        self.fix = fix
        super().__init__(f"{step}: {words}")


@dataclass(frozen=True)
class Mark:
    """What makes a message unique: ``subject`` and ``message_id`` (without angle brackets)."""

    subject: str
    message_id: str


@dataclass(frozen=True, repr=False)
class SmtpSettings:
    """How to reach the listener. ``timeout`` is in seconds, for the connection and for each answer."""

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
    domain = sender.rpartition("@")[2] or "example.com"
    return Mark(subject=f"{prefix} {token[:12]}", message_id=f"emailsec.ctr.{token}@{domain}")


def message_of(mark: Mark, sender: str, recipient: str) -> EmailMessage:
    """The message with these marks."""
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
    """Send it once. Returns ``reply`` (the words that accepted it) and ``encrypted``. Raises NotSent.

    Nothing was sent then, except where the step is C(end of data) and no answer came: then nobody knows.
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
            return {"reply": _reply_text(*reply), "encrypted": encrypted}
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
    # Made anew outside the handlers, so that neither a traceback nor the listener's words carry what the library was given.
    raise NotSent(problem.step, _without_secrets(problem.words, settings), problem.fix)


@contextlib.contextmanager
def _session(settings: SmtpSettings) -> Iterator[smtplib.SMTP]:
    """A session that ends with QUIT; what the listener says to that changes nothing any more."""
    session = smtplib.SMTP(settings.host, settings.port, local_hostname=settings.helo, timeout=settings.timeout)
    try:
        yield session
        with contextlib.suppress(smtplib.SMTPException, OSError):
            session.quit()
    finally:
        session.close()


def _smtp_data(message: EmailMessage) -> bytes:
    """The message with the line ends, the doubled dots and the last dot of SMTP."""
    lines = message.as_bytes().splitlines()
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def _without_secrets(words: str, settings: SmtpSettings) -> str:
    """A listener may repeat what it did not understand, the password in plain or in the forms of AUTH too."""
    if not settings.password:
        return words
    forms = [settings.password, f"\0{settings.username}\0{settings.password}"]
    encoded = [base64.b64encode(form.encode()).decode() for form in forms]
    for secret in (settings.password, *encoded):
        words = words.replace(secret, "********")
    return words


UNENCRYPTED_REFUSALS = (523, 530, 538)
"""Refusals of a log-in over a session that is not encrypted (RFC 3207, RFC 4954)."""
_LOGS = "Look at the mail logs of the appliance."
_FIXES = {
    "connect": "Check host, port and firewall, and that a listener of the appliance is there.",
    "greeting": "Either the listener refuses connections from here: check the Host Access Table; or it is not SMTP: check port.",
    "STARTTLS": "The listener does not encrypt; set starttls to never if the settings to it is trusted.",
    "TLS": "Give the CA certificates of the listener in ca_path, and in host the name that its certificate has.",
    "AUTH": "The listener offers no log-in that is known here, or only over an encrypted session; set starttls to always, or "
    "leave username out if it does not want one.",
    "AUTH refused": "Check username and password.",
    "AUTH refused in clear": "Set starttls to always: the listener wants an encrypted session for a log-in.",
    "MAIL FROM": "The listener refuses the sender: check the Host Access Table, sender, and whether it wants a log-in.",
    "RCPT TO": "The listener refuses the recipient: check the Recipient Access Table, recipient, and whether it wants a log-in.",
    "DATA": "The listener takes no message: check its policies, and whether it wants a log-in.",
    "end of data": "The appliance refuses the message: check its policies and filters.",
    "end of data, no answer": "The appliance may have accepted it all the same, so it is not sent again: look for it in message "
    "tracking.",
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
    return f"{code} {' '.join(text.split())}"[:300]
