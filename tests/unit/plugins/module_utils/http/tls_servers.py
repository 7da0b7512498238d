# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers on loopback, each with another reason why TLS with it fails."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

NAME = "localhost"
DAY = datetime.timedelta(days=1)
WEAK = "ALL:@SECLEVEL=0"
Make = Callable[[trustme.CA], "ssl.SSLContext | None"]


def good(ca: trustme.CA) -> ssl.SSLContext:
    return _context(ca.issue_cert(NAME))


def untrusted(_ca: trustme.CA) -> ssl.SSLContext:
    return _context(trustme.CA().issue_cert(NAME))


def of_another_name(ca: trustme.CA) -> ssl.SSLContext:
    return _context(ca.issue_cert("esa1.example.com"))


def of_another_address(ca: trustme.CA) -> ssl.SSLContext:
    return _context(ca.issue_cert("192.0.2.7"))


def expired(ca: trustme.CA) -> ssl.SSLContext:
    now = datetime.datetime.now(datetime.UTC)
    return _context(ca.issue_cert(NAME, not_before=now - 9 * DAY, not_after=now - DAY))


def not_yet_valid(ca: trustme.CA) -> ssl.SSLContext:
    now = datetime.datetime.now(datetime.UTC)
    return _context(ca.issue_cert(NAME, not_before=now + DAY, not_after=now + 9 * DAY))


def old_protocol(ca: trustme.CA) -> ssl.SSLContext:
    context = good(ca)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers(WEAK)
    return context


def old_cipher(ca: trustme.CA) -> ssl.SSLContext:
    context = _context(ca.issue_cert(NAME, key_type=trustme.KeyType.RSA))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    return context


def small_key(_ca: trustme.CA) -> ssl.SSLContext:
    """Self-signed, so that nothing but the key is wrong where the client trusts it, or validates nothing."""
    key = rsa.generate_private_key(65537, 1024)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers(WEAK)
    with tempfile.NamedTemporaryFile() as file:
        file.write(private + certificate.public_bytes(serialization.Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def no_tls(_ca: trustme.CA) -> None:
    return None


@contextlib.contextmanager
def listening(context: ssl.SSLContext | None) -> Iterator[int]:
    """Listen with this context, or in plain HTTP, until the block ends; the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), connection:
                    connection.settimeout(5)
                    if context is None:
                        connection.recv(4096)
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                    else:
                        with context.wrap_socket(connection, server_side=True) as encrypted:
                            _read_request(encrypted)
                            encrypted.sendall(b"HTTP/1.1 418 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _read_request(connection: ssl.SSLSocket) -> None:
    """Read all of it: a connection that is closed with something unread is reset, and its answer lost."""
    with connection.makefile("rb") as stream:
        length = 0
        while line := stream.readline().strip().lower():
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        stream.read(length)


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
