# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The certificates of the lab's servers: signed by its temporary CA, or self-signed."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import tempfile

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("127.0.0.1", "localhost")


class Certificates:
    """TLS contexts for servers, each created once; `self_signed` may stay unused."""

    def __init__(self) -> None:
        self.ca = trustme.CA()
        self._own: ssl.SSLContext | None = None
        self._self_signed: tuple[ssl.SSLContext, bytes] | None = None

    @property
    def ca_pem(self) -> bytes:
        """Return the certificate of the CA."""
        return self.ca.cert_pem.bytes()

    @property
    def self_signed_pem(self) -> bytes:
        """Return the self-signed certificate."""
        return self._signed_by_itself()[1]

    def context(self, kind: str) -> ssl.SSLContext:
        """Return the TLS context of a server with a certificate of this kind: `ca` or `self_signed`."""
        if kind == "self_signed":
            return self._signed_by_itself()[0]
        if self._own is None:
            self._own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.ca.issue_cert(*NAMES).configure_cert(self._own)
        return self._own

    def _signed_by_itself(self) -> tuple[ssl.SSLContext, bytes]:
        if self._self_signed is None:
            key = ec.generate_private_key(ec.SECP256R1())
            pem = _self_signed(key)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            with tempfile.NamedTemporaryFile() as file:
                file.write(_private(key) + pem)
                file.flush()
                context.load_cert_chain(file.name)
            self._self_signed = context, pem
        return self._self_signed


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _self_signed(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "appliance.example.com")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
