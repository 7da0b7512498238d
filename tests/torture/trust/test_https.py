# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A peer that cannot be trusted is refused before it gets a secret: each TLS client with each kind of peer."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import trustme

from ansible_collections.emailsec.ctr.plugins.module_utils._asyncos_api.client import ApiClient
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import IrohClient
from ansible_collections.emailsec.ctr.plugins.module_utils._http.errors import ApiError, CertificateRefused
from ansible_collections.emailsec.ctr.plugins.module_utils._mail import marked_message
from ansible_collections.emailsec.ctr.plugins.plugin_utils._webhook import send_to_webhook
from tests.torture.support.recording_peer import HOST, Opening, Peer, as_proxy, as_smtp, forms_of, nothing, recording
from tests.unit.plugins.module_utils.http import tls_servers

USER, SECRET = "user-of-trust", "the-S3cret-of-trust"
SECONDS = 5.0


def cloud(ca_path: str, api_url: str) -> None:
    with IrohClient(
        region="europe",
        api_url=api_url,
        client_id=USER,
        client_password=SECRET,
        timeout=SECONDS,
        retry_budget=0.0,
        ca_path=ca_path,
    ) as client:
        client.get("/iroh/iroh-sse/device")


def appliance(ca_path: str, api_url: str) -> None:
    host, _colon, port = api_url.removeprefix("https://").partition(":")
    with ApiClient(
        host=host, port=int(port), product="esa", username=USER, password=SECRET, timeout=SECONDS, ca_path=ca_path
    ) as client:
        client.get("health", {})


class WebhookRefused(Exception):
    """Raised for the warning of a webhook."""


def webhook(ca_path: str, api_url: str) -> None:
    warning = send_to_webhook(f"{api_url}/{SECRET}", {"Authorization": SECRET}, ca_path, {"text": "report"})
    if warning:
        raise WebhookRefused(warning)


def smtp(ca_path: str, api_url: str) -> None:
    settings = marked_message.SmtpSettings(
        host="localhost",
        port=int(api_url.rpartition(":")[2]),
        starttls=marked_message.ALWAYS,
        username=USER,
        password=SECRET,
        tls=ssl.create_default_context(cafile=ca_path),
        helo=None,
        timeout=SECONDS,
    )
    mark = marked_message.new_mark("test", "a@example.com")
    marked_message.send(settings, marked_message.message_of(mark, "a@example.com", "b@example.com"))


Client = Callable[[str, str], None]
HTTPS: tuple[Client, ...] = (cloud, appliance, webhook)
CLIENTS: tuple[Client, ...] = (*HTTPS, smtp)
REFUSED = (ApiError, WebhookRefused, marked_message.NotSent)


def tls_1_0(ca: trustme.CA) -> ssl.SSLContext:
    context = tls_servers.old_protocol(ca)
    context.maximum_version = ssl.TLSVersion.TLSv1
    return context


BAD_PEERS: tuple[tls_servers.Make, ...] = (
    tls_servers.untrusted,
    tls_servers.of_another_name,
    tls_servers.of_another_address,
    tls_servers.expired,
    tls_servers.not_yet_valid,
    tls_servers.old_protocol,
    tls_1_0,
    tls_servers.old_cipher,
    tls_servers.small_key,
    tls_servers.no_tls,
)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(ca, tmp_path, monkeypatch) -> str:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return str(tmp_path / "ca.pem")


def assert_refused(client: Client, ca_path: str, api_url: str) -> Exception:
    with pytest.raises(REFUSED) as caught:
        client(ca_path, api_url)
    assert SECRET not in str(caught.value) and SECRET not in repr(caught.value)
    return caught.value


def has_secret(peer: Peer) -> bool:
    return any(form in peer.received for form in forms_of(SECRET, USER))


def opening_of(client: Client) -> Opening:
    return as_smtp(starttls=True) if client is smtp else nothing


def test_a_trusted_peer_gets_the_secret(ca, ca_path, tally):
    """Otherwise the other tests would prove nothing."""
    tally.cases(len(HTTPS))
    for client in HTTPS:
        with recording(tls_servers.good(ca)) as peer:
            with pytest.raises(REFUSED) if client is not webhook else contextlib.nullcontext():
                client(ca_path, f"https://localhost:{peer.port}")
        assert has_secret(peer), client


def test_a_peer_with_a_bad_certificate_or_an_old_protocol_gets_no_secret(ca, ca_path, tally):
    tally.cases(len(CLIENTS) * len(BAD_PEERS))
    for client in CLIENTS:
        for make in BAD_PEERS:
            with recording(make(ca), opening_of(client)) as peer:
                error = assert_refused(client, ca_path, f"https://localhost:{peer.port}")
            assert peer.connections and not has_secret(peer), (client, make, peer.received)
            if isinstance(error, ApiError):
                assert isinstance(error, CertificateRefused), (client, make, error)


def test_a_listener_without_starttls_gets_no_password(ca, ca_path):
    with recording(tls_servers.good(ca), as_smtp(starttls=False)) as peer:
        assert_refused(smtp, ca_path, f"https://localhost:{peer.port}")
    assert b"EHLO" in peer.received.upper() and not has_secret(peer)


@dataclass(frozen=True)
class Proxy:
    """A proxy that is named in the environment: what it answers to CONNECT, and its TLS as the target."""

    status: str
    make: tls_servers.Make


PROXIES = {
    "with a certificate of its own CA": Proxy("200 OK", tls_servers.untrusted),
    "with a certificate for its own name": Proxy("200 OK", tls_servers.of_another_name),
    "with an old protocol": Proxy("200 OK", tls_servers.old_protocol),
    "without TLS": Proxy("200 OK", tls_servers.no_tls),
    "that asks for a log-in": Proxy("407 Proxy Authentication Required", tls_servers.no_tls),
}


@pytest.mark.parametrize("proxy", PROXIES.values(), ids=PROXIES)
def test_a_proxy_that_intercepts_gets_no_secret(ca, ca_path, monkeypatch, tally, proxy):
    tally.cases(len(HTTPS))
    for client in HTTPS:
        with recording(proxy.make(ca), as_proxy(proxy.status)) as peer:
            monkeypatch.setenv("HTTPS_PROXY", f"http://{HOST}:{peer.port}")
            assert_refused(client, ca_path, "https://localhost:443")
        assert peer.received.startswith(b"CONNECT localhost:443 ") and not has_secret(peer), (client, peer.received)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to_tls", [True, False], ids=["to https", "to http"])
def test_the_target_of_a_redirect_gets_nothing(ca, ca_path, tally, status, to_tls):
    tally.cases(len(HTTPS))
    context = tls_servers.good(ca)
    for client in HTTPS:
        with recording(context if to_tls else None) as target:
            location = f"{'https' if to_tls else 'http'}://localhost:{target.port}/"
            answer = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
            with recording(tls_servers.good(ca), answer=answer) as peer:
                assert_refused(client, ca_path, f"https://localhost:{peer.port}")
        assert (target.connections, target.received) == (0, b""), client


@pytest.mark.parametrize(
    "api_url",
    [
        "http://localhost:{port}",
        "HTTP://localhost:{port}",
        "//localhost:{port}",
        "localhost:{port}",
        "ftp://localhost:{port}",
        f"https://{USER}:{SECRET}@localhost:{{port}}",
        "https://localhost:{port}\\@elsewhere.example.com",
        "https://visibility.amp.cisco.com",
        "https://VISIBILITY.apjc.amp.cisco.com:443",
        "https://visibility.amp.cisco.com.",
    ],
)
def test_an_address_that_is_not_the_api_of_the_region_is_not_connected(ca, ca_path, monkeypatch, api_url):
    """The proxy would see every attempt to leave this machine."""
    with recording(None) as peer, recording(tls_servers.good(ca), as_proxy()) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{HOST}:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "localhost")
        assert_refused(cloud, ca_path, api_url.format(port=peer.port))
    assert (peer.connections, proxy.connections) == (0, 0)


@pytest.mark.parametrize("url", ["http://localhost:{port}", "//localhost:{port}", "localhost:{port}"])
def test_a_webhook_without_https_is_not_connected(ca_path, url):
    with recording(None) as peer:
        assert_refused(webhook, ca_path, url.format(port=peer.port))
    assert peer.connections == 0
