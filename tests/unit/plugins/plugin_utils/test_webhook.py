# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Notifications over real TLS: what is sent, and that a failure is a warning without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from ansible_collections.emailsec.ctr.plugins.plugin_utils._webhook import send_to_webhook
from tests.webhook import KEY, PASSWORD, Webhook, listening


@pytest.fixture
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_path(ca: trustme.CA, tmp_path: Any) -> str:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def webhook(ca: trustme.CA) -> Iterator[Webhook]:
    with listening(ca) as server:
        yield server


def no_secret_in(warning: str | None) -> str:
    assert warning
    for secret in (KEY, PASSWORD, "the-key", "the-token"):
        assert secret not in warning, warning
    return warning


def test_the_body_and_the_headers_are_sent(webhook: Webhook, ca_path: str) -> None:
    assert send_to_webhook(webhook.url, {"Authorization": PASSWORD}, ca_path, {"text": "ä"}) is None
    (got,) = webhook.got
    assert (got["path"], got["body"]) == (f"/services/{KEY}?key={KEY}", {"text": "ä"})
    assert (got["headers"]["Authorization"], got["headers"]["Content-Type"]) == (PASSWORD, "application/json")


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_a_refusal_is_a_warning(webhook: Webhook, ca_path: str, status: int) -> None:
    webhook.status = status
    warning = no_secret_in(send_to_webhook(webhook.url, {"X-Key": PASSWORD}, ca_path, {}))
    assert warning.startswith(f"localhost: the notification was not accepted: HTTP status {status}. Fix: check")


def test_a_redirect_is_not_followed(webhook: Webhook, ca_path: str) -> None:
    webhook.status, webhook.location = 302, webhook.url.replace("localhost", "127.0.0.1")
    no_secret_in(send_to_webhook(webhook.url, {}, ca_path, {}))
    assert len(webhook.got) == 1


def test_an_untrusted_server_gets_nothing(webhook: Webhook, tmp_path: Any) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    warning = no_secret_in(send_to_webhook(webhook.url, {"Authorization": PASSWORD}, str(other), {}))
    assert "certificate" in warning and webhook.got == []
    no_secret_in(send_to_webhook(webhook.url, {}, "/nonexistent.pem", {}))
    assert webhook.got == []


def test_a_server_that_does_not_listen_is_a_warning(webhook: Webhook, ca_path: str) -> None:
    webhook.shutdown()
    webhook.server_close()
    no_secret_in(send_to_webhook(webhook.url, {"Authorization": PASSWORD}, ca_path, {}))


@pytest.mark.parametrize(
    "url", ["http://localhost/the-key", "https://", "the-key", "https://[the-key", "ftp://x/the-key"]
)
def test_an_invalid_address_is_a_warning(url: str) -> None:
    warning = no_secret_in(send_to_webhook(url, {}, None, {}))
    assert "https address" in warning
