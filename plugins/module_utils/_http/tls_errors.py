# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Classify TLS failures by the codes of OpenSSL, never by its messages."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

from .errors import CertificateRefused


class CertificateUntrusted(CertificateRefused):
    """No CA certificate that this machine trusts has issued the server certificate."""


class CertificateOfOtherName(CertificateRefused):
    """The certificate is for another name or address."""


class CertificateExpired(CertificateRefused):
    """The certificate has expired, or is not yet valid."""


class TlsTooOld(CertificateRefused):
    """Server and client have no protocol, cipher or key size in common."""


class TlsAbsent(CertificateRefused):
    """The port answers without TLS."""


class TrustUnreadable(CertificateRefused):
    """The CA certificates cannot be read on this machine."""


KIND_OF_CODE: dict[int, type[CertificateRefused]] = {
    **dict.fromkeys((2, 18, 19, 20, 21, 27), CertificateUntrusted),
    **dict.fromkeys((62, 63, 64), CertificateOfOtherName),
    **dict.fromkeys((9, 10), CertificateExpired),
    **dict.fromkeys((66, 67, 68), TlsTooOld),
}
"""By ``verify_code`` of ssl.SSLCertVerificationError, which is X509_V_ERR_* of OpenSSL's x509_vfy.h."""
KIND_OF_REASON: dict[str, type[CertificateRefused]] = {
    **dict.fromkeys(
        (
            "UNSUPPORTED_PROTOCOL",
            "NO_PROTOCOLS_AVAILABLE",
            "WRONG_SSL_VERSION",
            "TLSV1_ALERT_PROTOCOL_VERSION",
            "SSLV3_ALERT_HANDSHAKE_FAILURE",
            "TLSV1_ALERT_INSUFFICIENT_SECURITY",
            "NO_CIPHERS_AVAILABLE",
            "WRONG_CIPHER_RETURNED",
            "UNKNOWN_CIPHER_RETURNED",
            "DH_KEY_TOO_SMALL",
            "EE_KEY_TOO_SMALL",
            "CA_KEY_TOO_SMALL",
            "CA_MD_TOO_WEAK",
            "WRONG_SIGNATURE_TYPE",
            "NO_SUITABLE_SIGNATURE_ALGORITHM",
            "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
            "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        ),
        TlsTooOld,
    ),
    **dict.fromkeys(
        ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"), TlsAbsent
    ),
}
"""By ``reason`` of ssl.SSLError."""
LOADING = ("X509", "PEM", "ASN1")
"""Values of ``library`` of ssl.SSLError while certificates are loaded, before any request."""
PROBLEMS: dict[type[CertificateRefused], str] = {
    CertificateUntrusted: "the certificate is not trusted",
    CertificateOfOtherName: "the certificate is for another name",
    CertificateExpired: "the certificate has expired or is not yet valid",
    TlsTooOld: "client and server have no protocol, cipher or key size in common",
    TlsAbsent: "the port does not use TLS",
    TrustUnreadable: "the CA certificates cannot be read",
    CertificateRefused: "the handshake was refused",
}
FIXES: dict[type[CertificateRefused], str] = {
    CertificateUntrusted: "set ca_path to the CA certificates if a private CA or an inspecting proxy issued the server "
    "certificate",
    CertificateOfOtherName: "use the name in the certificate as the address, or issue a certificate for this address",
    CertificateExpired: "renew the server certificate, and check the clock of the machine that runs this task",
    TlsTooOld: "enable TLS 1.2 or later on the server, with a certificate key of at least 2,048 bits (RSA) or 256 bits (EC)",
    TlsAbsent: "check the address and the port; the API must use HTTPS on this port",
    TrustUnreadable: "set ca_path or REQUESTS_CA_BUNDLE to a PEM file with CA certificates, or to a directory prepared by "
    "c_rehash",
    CertificateRefused: "correct the certificate or the TLS settings of the server; the cause is in parentheses",
}


def tls_failure(causes: Iterable[BaseException], text: str, **where: Any) -> CertificateRefused:
    """Return the error to raise. ``causes``: an exception and its causes. ``text``: its message, masked."""
    kind = _kind_of(list(causes))
    return kind(f"TLS failed: {PROBLEMS[kind]} ({text})", fix=FIXES[kind], **where)


def _kind_of(causes: list[BaseException]) -> type[CertificateRefused]:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return KIND_OF_CODE.get(getattr(cause, "verify_code", 0), CertificateRefused)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            # Errors that Python itself raises have neither attribute.
            if getattr(cause, "library", None) in LOADING:
                return TrustUnreadable
            return KIND_OF_REASON.get(str(getattr(cause, "reason", None)), CertificateRefused)
    # urllib3 before 2.0 compares the names itself, and raises its own type.
    if any(type(cause).__name__ == "CertificateError" for cause in causes):
        return CertificateOfOtherName
    unreadable = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
    # requests raises a plain OSError for a missing ca_path.
    if any(isinstance(cause, unreadable) or cause.__class__ is OSError for cause in causes):
        return TrustUnreadable
    return CertificateRefused
