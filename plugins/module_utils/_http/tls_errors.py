# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private to emailsec.ctr. Which kind of TLS failure an exception stands for, by OpenSSL's codes and never by its sentences."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

from .errors import CertificateRefused


class CertificateUntrusted(CertificateRefused):
    """No certificate that this machine trusts vouches for the server's certificate."""


class CertificateOfOtherName(CertificateRefused):
    """The certificate is not for the name or address that was asked."""


class CertificateExpired(CertificateRefused):
    """The certificate is no longer valid, or not yet."""


class TlsTooOld(CertificateRefused):
    """Server and client have no protocol, cipher or key size in common."""


class TlsAbsent(CertificateRefused):
    """The port answers, and not in TLS."""


class TrustUnreadable(CertificateRefused):
    """The CA certificates to trust cannot be read on this machine."""


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
"""Values of ``library`` of ssl.SSLError where certificates are loaded, and nothing was sent yet."""
PROBLEMS: dict[type[CertificateRefused], str] = {
    CertificateUntrusted: "the certificate is not trusted",
    CertificateOfOtherName: "the certificate is for another name",
    CertificateExpired: "the certificate has expired or is not yet valid",
    TlsTooOld: "the protocol, cipher or key of one side is too old for the other",
    TlsAbsent: "the port does not answer in TLS",
    TrustUnreadable: "the CA certificates cannot be read",
    CertificateRefused: "refused",
}
FIXES: dict[type[CertificateRefused], str] = {
    CertificateUntrusted: "If the server's certificate comes from a private CA or an inspecting proxy, give its CA "
    "certificates in ca_path.",
    CertificateOfOtherName: "Use the address that the certificate was issued for, or have a certificate issued for this one.",
    CertificateExpired: "Renew the server's certificate, and check the clock of the machine that runs this task.",
    TlsTooOld: "Enable TLS 1.2 or later on the server, with a certificate whose key has at least 2,048 bits (RSA) or 256 "
    "bits (EC).",
    TlsAbsent: "Check the address and the port: it must be that of the API over HTTPS.",
    TrustUnreadable: "Give a file of CA certificates in PEM, or a folder of them made by c_rehash, in ca_path, or in "
    "REQUESTS_CA_BUNDLE.",
    CertificateRefused: "The text in parentheses says what was refused; correct the certificate or the TLS settings of the "
    "server.",
}


def tls_failure(causes: Iterable[BaseException], text: str, **where: Any) -> CertificateRefused:
    """Return the error to raise. ``causes`` are an exception and all that it carries, ``text`` its words, masked."""
    kind = _kind_of(list(causes))
    return kind(f"TLS failed: {PROBLEMS[kind]} ({text})", fix=FIXES[kind], **where)


def _kind_of(causes: list[BaseException]) -> type[CertificateRefused]:
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return KIND_OF_CODE.get(getattr(cause, "verify_code", 0), CertificateRefused)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            # Python's own errors of this type carry neither.
            if getattr(cause, "library", None) in LOADING:
                return TrustUnreadable
            return KIND_OF_REASON.get(str(getattr(cause, "reason", None)), CertificateRefused)
    # urllib3 before 2.0 compares the names itself, and raises this type of its own.
    if any(type(cause).__name__ == "CertificateError" for cause in causes):
        return CertificateOfOtherName
    unreadable = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
    # requests raises a plain OSError for a ca_path that is not there.
    if any(isinstance(cause, unreadable) or cause.__class__ is OSError for cause in causes):
        return TrustUnreadable
    return CertificateRefused
