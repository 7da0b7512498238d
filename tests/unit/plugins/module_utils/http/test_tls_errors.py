# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Both APIs distinguish TLS failures, with real servers and certificates."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._http import tls_errors
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, CertificateRefused, Refused

from . import tls_servers

Ask = Callable[..., ApiError]
# What the server does, the kind, words of the problem, words of the fix for the appliance and for the cloud.
CASES = [
    (tls_servers.untrusted, tls_errors.CertificateUntrusted, "is not trusted", "set ca_path", "ca_path"),
    (tls_servers.of_another_name, tls_errors.CertificateOfOtherName, "another name", "set host to", "use the name"),
    (
        tls_servers.of_another_address,
        tls_errors.CertificateOfOtherName,
        "another name",
        "set host to",
        "use the name",
    ),
    (tls_servers.expired, tls_errors.CertificateExpired, "has expired", "renew the appliance's", "renew the server"),
    (tls_servers.not_yet_valid, tls_errors.CertificateExpired, "not yet valid", "check the clock", "check the clock"),
    (tls_servers.old_protocol, tls_errors.TlsTooOld, "in common", "SSL Configuration", "enable TLS 1.2"),
    (tls_servers.old_cipher, tls_errors.TlsTooOld, "in common", "SSL Configuration", "enable TLS 1.2"),
    (tls_servers.small_key, tls_errors.TlsTooOld, "in common", "2,048 bits", "2,048 bits"),
    (tls_servers.no_tls, tls_errors.TlsAbsent, "does not use TLS", "443", "port"),
]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(ca: trustme.CA, tmp_path: Path) -> str:
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def ask_appliance(port: int, **options: object) -> ApiError:
    client = ApiClient(
        host="localhost", port=port, product="esa", username="admin", password="pw", timeout=5.0, **options
    )
    with client, pytest.raises(ApiError) as caught:
        client.get("health", {})
    assert client.calls == 1
    return caught.value


def ask_cloud(port: int, **options: object) -> ApiError:
    client = IrohClient(
        region="europe",
        api_url=f"https://localhost:{port}",
        client_id="client-1",
        client_password="pw",
        timeout=5.0,
        retry_budget=0.0,
        **options,
    )
    with client, pytest.raises(ApiError) as caught:
        client.get("/iroh/iroh-sse/device")
    assert client.calls == 1
    return caught.value


@pytest.mark.parametrize("ask", [ask_appliance, ask_cloud])
@pytest.mark.parametrize(("server", "kind", "problem", "of_appliance", "of_cloud"), CASES)
def test_tls_failures_are_distinguished(
    ca: trustme.CA,
    ca_path: str,
    ask: Ask,
    server: tls_servers.Make,
    kind: type[CertificateRefused],
    problem: str,
    of_appliance: str,
    of_cloud: str,
) -> None:
    with tls_servers.listening(server(ca)) as port:
        error = ask(port, ca_path=ca_path)
    assert type(error) is kind, error
    assert str(error).startswith(f"localhost:{port}: TLS failed: ")
    assert problem in error.reason
    assert error.fix and (of_appliance if ask is ask_appliance else of_cloud) in error.fix
    assert ("ca_path" in error.fix) is (kind is tls_errors.CertificateUntrusted)


@pytest.mark.parametrize("ask", [ask_appliance, ask_cloud])
@pytest.mark.parametrize(
    "server", [tls_servers.good, tls_servers.small_key, tls_servers.untrusted, tls_servers.expired]
)
def test_a_trusted_or_unverified_server_is_accepted(
    ca: trustme.CA, ca_path: str, ask: Ask, server: tls_servers.Make
) -> None:
    trust = {"ca_path": ca_path} if server is tls_servers.good else {"validate_certs": False}
    with tls_servers.listening(server(ca)) as port:
        error = ask(port, **trust)
    assert isinstance(error, Refused) and error.http_status == 418


@pytest.mark.parametrize("ask", [ask_appliance, ask_cloud])
@pytest.mark.parametrize("content", ["rubbish", "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificates_is_refused(ca: trustme.CA, tmp_path: Path, ask: Ask, content: str) -> None:
    (tmp_path / "ca.pem").write_text(content)
    with tls_servers.listening(tls_servers.good(ca)) as port:
        error = ask(port, ca_path=str(tmp_path / "ca.pem"))
    assert type(error) is tls_errors.TrustUnreadable, error
    assert "the CA certificates cannot be read" in str(error) and "PEM" in str(error.fix)


@pytest.mark.parametrize("ask", [ask_appliance, ask_cloud])
def test_a_missing_bundle_in_the_environment_is_named(
    ca: trustme.CA, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with tls_servers.listening(tls_servers.good(ca)) as port:
        error = ask(port)
    assert type(error) is tls_errors.TrustUnreadable
    assert "/nowhere/ca.pem" in str(error) and "REQUESTS_CA_BUNDLE" in str(error.fix)


class CertificateError(ValueError):
    """As urllib3 before 2.0 names it."""


def verification(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired")
    error.verify_code = code
    return error


def handshake(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "certificate has expired")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (verification(18), tls_errors.CertificateUntrusted),
        (verification(64), tls_errors.CertificateOfOtherName),
        (verification(23), CertificateRefused),
        (verification(68), tls_errors.TlsTooOld),
        (handshake("DH_KEY_TOO_SMALL"), tls_errors.TlsTooOld),
        (handshake("TLSV13_ALERT_CERTIFICATE_REQUIRED"), CertificateRefused),
        (CertificateError("hostname 'a' doesn't match 'b'"), tls_errors.CertificateOfOtherName),
        (PermissionError(13, "Permission denied"), tls_errors.TrustUnreadable),
        (ValueError("TLS"), CertificateRefused),
    ],
)
def test_codes_decide_instead_of_messages(cause: Exception, kind: type[CertificateRefused]) -> None:
    error = tls_errors.tls_failure([ValueError("certificate has expired"), cause], "words", host="esa1.example.com")
    assert type(error) is kind
    assert str(error).startswith("esa1.example.com: TLS failed: ") and "(words)" in str(error) and error.fix
