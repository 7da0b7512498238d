# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client against a real HTTPS server: trust, login, retries, lost answers, and nothing secret in any text."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests
import trustme

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.client import (
    UNKNOWN_QUOTA,
    IrohClient,
    checked_api_url,
)
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import ListUnstable, LoginFailed, QuotaExceeded
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.retry import seconds_of_retry_after
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.scopes import fix_of_missing_scopes, scopes_named
from ansible_collections.emailsec.ctr.plugins.module_utils._http import errors
from ansible_collections.emailsec.ctr.plugins.module_utils._regions import KNOWN_REGIONS
from ansible_collections.emailsec.ctr.tests.unit.plugins.module_utils.cloud.fake_iroh import CLIENT_PASSWORD
from tests.samples.profiles import applied

DEVICES = "/iroh/iroh-sse/device"
LOGIN = "/iroh/oauth2/token"


def fail(make_client, kind=errors.ApiError, call=lambda client: client.get(DEVICES), **options):
    """Return the error of a call. Check that no text, repr or chained exception contains a secret."""
    client = make_client(**options)
    with pytest.raises(kind) as caught:
        call(client)
    error = caught.value
    seen = f"{error!r} {error} {error.as_result()} {error.__cause__!r} {error.__context__!r} {client!r} {vars(error)}"
    for secret in set().union(*client.secrets._forms.values()):
        assert secret not in seen
    return error


# CA certificates


def test_ca_path_overrides_the_environment(make_client, iroh):
    make_client().get(DEVICES)
    assert iroh.requests == [f"POST {LOGIN}", f"GET {DEVICES}"]


def test_no_validation_overrides_the_environment(make_client):
    assert make_client(ca_path=None, validate_certs=False).get(DEVICES).status == 200


def test_without_ca_path_the_environment_applies(make_client, monkeypatch, ca_path):
    error = fail(make_client, errors.CertificateRefused, ca_path=None)
    assert "ca_path" in error.fix
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    assert make_client(ca_path=None).get(DEVICES).status == 200


def test_the_environment_does_not_override_a_ca_path_of_another_ca(make_client, iroh, monkeypatch, ca_path, tmp_path):
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    error = fail(make_client, errors.CertificateRefused, ca_path=str(other))
    assert iroh.calls == []
    assert "TLS failed" in str(error)


def test_a_missing_or_invalid_ca_path_is_refused(make_client, iroh, tmp_path):
    fail(lambda **options: IrohClientThatFails(make_client, options), errors.OptionRefused, ca_path="/no/such.pem")
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("rubbish")
    fail(make_client, errors.CertificateRefused, ca_path=str(rubbish))
    assert iroh.calls == []


class IrohClientThatFails:
    """A client whose creation fails."""

    def __init__(self, make, options):
        self.make, self.options = make, options
        self.secrets = type("None_", (), {"_forms": {"": {CLIENT_PASSWORD}}})

    def get(self, path):
        return self.make(**self.options).get(path)


def test_netrc_does_not_replace_the_credentials(make_client, iroh, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login user password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    make_client().get(DEVICES)
    assert [call.headers["authorization"].split()[0] for call in iroh.calls] == ["Basic", "Bearer"]


# Addresses


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://visibility.eu.amp.cisco.com", "is not an https:// address"),
        ("http://127.0.0.1:8443", "is not an https:// address"),
        ("visibility.eu.amp.cisco.com", "is not an https:// address"),
        ("visibility.eu.amp.cisco.com/iroh/", "is not an https:// address"),
        ("//visibility.eu.amp.cisco.com/iroh", "is not an https:// address"),
        ("https:visibility.eu.amp.cisco.com", "is not an https:// address"),
        ("ftp://visibility.eu.amp.cisco.com", "is not an https:// address"),
        ("", "is unknown"),
        ("https://", "is not an https:// address"),
        ("https:///iroh", "is not an https:// address"),
        ("https://me:pw@visibility.eu.amp.cisco.com", "contains credentials"),
        ("https://@visibility.eu.amp.cisco.com", "contains credentials"),
        ("https://visibility.eu.amp.cisco.com/?x=1", "contains ? or #"),
        ("https://visibility.eu.amp.cisco.com/iroh/?", "contains ? or #"),
        ("https://visibility.eu.amp.cisco.com/iroh#top", "contains ? or #"),
        ("https://visibility.eu.amp.cisco.com/#", "contains ? or #"),
        ("https://visibility.eu.amp.cisco.com/iroh/iroh-int", "path '/iroh/iroh-int'"),
        ("https://visibility.eu.amp.cisco.com/iroh/iroh", "path '/iroh/iroh'"),
        ("https://visibility.eu.amp.cisco.com/iroh/oauth2/token", "path '/iroh/oauth2/token'"),
        ("https://visibility.eu.amp.cisco.com/IROH", "path '/IROH'"),
        ("https://visibility.eu.amp.cisco.com/iroh/index.html", "path '/iroh/index.html'"),
        ("https://visibility.eu.amp.cisco.com/iroh;x", "path '/iroh;x'"),
        ("https://visibility.eu.amp.cisco.com//iroh//", "path '//iroh//'"),
        ("https://visibility.eu.amp.cisco.com/..", "path '/..'"),
        ("https://visibility.eu.amp.cisco.com/ir oh", "spaces"),
        ("https://visibility.eu\n.amp.cisco.com/", "spaces"),
        ("https://visibility.eu.amp.cisco.com\\@evil.example/", "credentials"),
        ("https://visibility.eu.amp.cisco.com\\evil", "spaces, backslashes"),
        ("https://visibility.amp.cisco.com/", "AMERICAS"),
        ("https://visibility.amp.cisco.com/iroh/", "AMERICAS"),
        ("https://[oops", "not a valid address"),
        ("https://host:port", "not a valid address"),
        ("https://host:99999", "not a valid address"),
    ],
)
def test_addresses_that_are_refused(make_client, iroh, url, says):
    with pytest.raises(errors.OptionRefused, match=re.escape(says)) as caught:
        checked_api_url(url, KNOWN_REGIONS["europe"])
    assert "pw" not in str(caught.value)
    assert caught.value.fix


@pytest.mark.parametrize("path", ["", "/", "/iroh", "/iroh/"])
def test_the_vendor_forms_of_addresses_are_accepted(make_client, iroh, path):
    assert checked_api_url(f" https://visibility.eu.amp.cisco.com{path} ", KNOWN_REGIONS["europe"]) == (
        "https://visibility.eu.amp.cisco.com"
    )
    assert checked_api_url(f"https://127.0.0.1:8443{path}", KNOWN_REGIONS["apjc"]) == "https://127.0.0.1:8443"
    assert checked_api_url(f"https://[::1]:8443{path}", KNOWN_REGIONS["apjc"]) == "https://[::1]:8443"
    make_client(api_url=iroh.url + path).get(DEVICES)
    assert iroh.requests == [f"POST {LOGIN}", f"GET {DEVICES}"]


@pytest.mark.parametrize(
    ("body", "headers"), [({"error": "not_found"}, {}), (b"<html>404</html>", {"Content-Type": "text/html"}), (b"", {})]
)
def test_a_404_at_log_in_means_a_wrong_address(make_client, iroh, body, headers):
    iroh.trick("POST", LOGIN, status=404, body=body, headers=headers)
    error = fail(make_client, errors.Refused)
    assert "the API has no log-in at this address (answered 404)" in str(error)
    assert "check api_url" in error.fix
    assert "https://visibility.eu.amp.cisco.com" in error.fix
    assert len(iroh.calls) == 1


@pytest.mark.parametrize("at", [LOGIN, DEVICES])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(make_client, iroh, at, status):
    elsewhere = {"Location": "https://elsewhere.example.com/login"}
    iroh.trick("POST" if at == LOGIN else "GET", at, status=status, headers=elsewhere, times=9)
    error = fail(make_client, errors.AnswerUnreadable)
    assert "elsewhere.example.com" in str(error)
    assert "refused" in str(error)
    assert len(iroh.calls) == (1 if at == LOGIN else 2)


def test_the_proxy_option_overrides_the_environment(make_client, iroh, monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:proxy-password@127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "")
    make_client().get(DEVICES)
    assert len(proxy.connects) == 1
    monkeypatch.setenv("HTTPS_PROXY", "http://user:proxy-password@127.0.0.1:9")
    error = fail(make_client, errors.NotSent)
    assert "proxy" in str(error)
    assert "proxy-password" not in str(error)
    make_client(proxy=f"http://127.0.0.1:{proxy.port}").get(DEVICES)
    assert len(proxy.connects) == 2


def test_no_proxy_is_honoured(make_client, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert make_client().get(DEVICES).status == 200


@pytest.fixture
def proxy():
    """A proxy that supports CONNECT and records the targets."""
    listener = socket.create_server(("127.0.0.1", 0))

    class Proxy:
        port = listener.getsockname()[1]
        connects: list[str] = []

    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        sink.close()

    def serve():
        while True:
            try:
                near, _address = listener.accept()
            except OSError:
                return
            request = near.recv(65536).decode()
            Proxy.connects.append(request.split()[1])
            host, port = request.split()[1].split(":")
            far = socket.create_connection(("127.0.0.1" if host == "localhost" else host, int(port)))
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=pump, args=(near, far), daemon=True).start()
            threading.Thread(target=pump, args=(far, near), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    yield Proxy
    listener.close()


def test_an_unknown_host_fails_at_once(make_client, pauses):
    error = fail(make_client, errors.NotSent, api_url="https://no-such-host.invalid")
    assert "no-such-host.invalid" in str(error)
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    error = fail(make_client, errors.NotSent, api_url=f"https://127.0.0.1:{port}")
    assert f"127.0.0.1:{port}" in str(error)
    assert pauses == []


def test_a_silent_server_times_out(make_client):
    listener = socket.create_server(("127.0.0.1", 0))
    error = fail(make_client, api_url=f"https://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2, retry_budget=0)
    listener.close()
    assert "0.2 s" in str(error) or "timed out" in str(error)


def test_after_a_connection_closed_during_tls_the_outcome_is_unknown(iroh, make_client, monkeypatch):
    client = make_client()
    client.get(DEVICES)

    def cut(*unused, **more):
        raise requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"))

    monkeypatch.setattr(client._transport._session, "request", cut)
    with pytest.raises(errors.AnswerLost):
        client.post(DEVICES, {})


# Log-in


def test_one_login_for_many_calls(make_client, iroh):
    client = make_client()
    for _time in range(3):
        client.get(DEVICES)
    assert iroh.logins == 1


def test_the_token_is_renewed_a_minute_early(make_client, iroh):
    now = [0.0]
    client = make_client(clock=lambda: now[0])
    client.get(DEVICES)
    now[0] = 539.0
    client.get(DEVICES)
    assert iroh.logins == 1
    now[0] = 541.0
    client.get(DEVICES)
    assert iroh.logins == 2


def test_a_revoked_token_costs_one_log_in(make_client, iroh):
    client = make_client()
    client.get(DEVICES)
    iroh.withdrawn.update(iroh.access_tokens)
    client.get(DEVICES)
    assert iroh.logins == 2


def test_a_401_after_a_new_log_in_is_raised(make_client, iroh):
    iroh.trick("GET", DEVICES, status=401, body={"error": "invalid_request", "trace_id": "t1"}, times=9)
    error = fail(make_client, errors.AccessRefused)
    assert iroh.requests == [f"POST {LOGIN}", f"GET {DEVICES}"] * 2
    assert (error.http_status, error.error, error.trace_id) == (401, "invalid_request", "t1")


def test_wrong_credentials(make_client, iroh):
    error = fail(make_client, errors.AccessRefused, client_password="wrong-password")
    assert iroh.logins == 1
    assert str(error) == (
        f"{iroh.url[8:]}: answered 401: invalid_client: unknown client or wrong password "
        f"(POST {LOGIN}, trace_id trace-4711). Fix: check client_id and client_password, and that this API client was created in "
        "EUROPE. An API client is valid in one region only."
    )


def test_a_missing_scope_is_named(make_client, iroh):
    body = {"error": "missing_scope", "error_description": "missing scopes: sse", "trace_id": "t"}
    iroh.trick("GET", DEVICES, status=403, body=body)
    error = fail(make_client, errors.AccessRefused)
    assert error.fix == (
        'create an API client in EUROPE that has the missing scope "sse". The collection needs these scopes: "sse" '
        '(Manage your Devices), "integration" (Manage your modules), "enrich:read" (Query your configured modules for '
        'threat intelligence), "inspect:read" (Extract Observables and data from text).'
    )
    assert error.as_result()["path"] == f"GET {DEVICES}"


FINE = ["integration/module-instance:read", "enrich:read"]


@pytest.mark.parametrize(
    ("body", "scopes"),
    [
        ({"missing_scopes": FINE}, FINE),
        ({"missing-scopes": FINE, "error_description": "lacks scope sse"}, FINE),
        ({"missing-scopes": ["sse"], "required-scopes": ["sse", "profile"], "scopes": ["profile"]}, ["sse"]),
        ({"required-scopes": ["sse", "profile"], "scopes": ["profile"]}, ["sse"]),
        ({"required-scopes": [], "scopes": ["profile"]}, []),
        ({"scopes": "integration/module-instance:read, enrich:read"}, FINE),
        ({"scopes": [{"x": 1}, "no scope at all", 7], "error_description": "missing scope sse"}, ["sse"]),
        ({"error_description": "Missing scopes: [integration/module-instance:read enrich:read]."}, FINE),
        ({"error_description": 'the scopes "sse" and "integration" are needed, sse first'}, ["sse", "integration"]),
        ({"error_description": "needs admin/integration/module-type:write"}, ["admin/integration/module-type:write"]),
        ({"error_description": "your integration may not read and/or write /iroh/iroh-sse/device"}, []),
        ({"error_description": 7}, []),
        ([], []),
        (None, []),
    ],
)
def test_scopes_are_read_from_fields_and_text(body, scopes):
    assert scopes_named(body) == scopes


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("GET", DEVICES, 'has the scope "sse".'),
        ("POST", f"{DEVICES}/x/token", 'has the scope "sse".'),
        (
            "PATCH",
            "/iroh/iroh-int/module-instance/x",
            '"integration" (in particular "integration/module-instance:write")',
        ),
        ("GET", "/iroh/iroh-int/module-type", '"integration" (in particular "integration/module-type:read")'),
        ("POST", "/iroh/iroh-enrich/health/x", '"integration" (in particular "integration/health:read")'),
        ("POST", "/iroh/iroh-inspect/inspect", 'has the scope "inspect:read".'),
        ("GET", "/iroh/elsewhere", "that has the scopes that the collection needs"),
    ],
)
def test_a_403_without_scopes_names_the_scope_of_the_request(method, path, says):
    assert says in fix_of_missing_scopes(method, path, {"error": "missing_scope"}, KNOWN_REGIONS["europe"])


@pytest.mark.parametrize("grant", [{}, [], {"access_token": 7}, {"access_token": "a b\nc"}])
def test_a_login_without_a_token(make_client, iroh, grant):
    iroh.trick("POST", LOGIN, status=200, body=grant)
    error = fail(make_client, errors.AnswerUnreadable)
    assert "access_token" in str(error)
    assert "a b" not in str(error)


def test_secrets_in_an_answer_are_masked(make_client, iroh):
    words = f"bad password {CLIENT_PASSWORD}"
    iroh.trick("POST", LOGIN, status=400, body={"error": "x", "error_description": words})
    assert "********" in str(fail(make_client))


# Retries


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17.0),
        ("3172s", 3172.0),
        (" 5 S", 5.0),
        ("0", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
        ("-3", None),
    ],
)
def test_forms_of_retry_after(value, seconds):
    assert seconds_of_retry_after(value) == seconds


def test_retry_after_as_a_date():
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)  # noqa: UP017  (Python 3.10)
    assert seconds_of_retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90.0
    assert seconds_of_retry_after(format_datetime(now - timedelta(seconds=90), usegmt=True), now) == 0.0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_429_is_retried_after_the_wait(make_client, iroh, pauses, method):
    iroh.trick(method, DEVICES, status=429, headers={"Retry-After": "7s"}, times=2)
    client = make_client()
    client.get(DEVICES) if method == "GET" else client.post(DEVICES, {"name": "a", "tokenExpiry": 3600})
    assert pauses == [7.0, 7.0]


def test_a_429_beyond_the_budget_reports_the_wait(make_client, iroh, pauses):
    iroh.trick("GET", DEVICES, status=429, headers={"Retry-After": "3172s"}, times=9)
    error = fail(make_client, QuotaExceeded, retry_budget=300)
    assert pauses == []
    assert "rerun after 3172 s" in str(error)
    assert "retry_budget" in error.fix


def test_the_budget_is_for_all_requests_together(make_client, iroh, pauses):
    iroh.trick("GET", DEVICES, status=429, headers={"Retry-After": "4"}, times=9)
    fail(make_client, QuotaExceeded, retry_budget=10)
    assert pauses == [4.0, 4.0]


@pytest.mark.parametrize("how", [{"status": 503}, {"status": 502, "body": b"<html>"}, {"drops": True}])
def test_reads_are_retried(make_client, iroh, pauses, how):
    iroh.trick("GET", DEVICES, times=2, **how)
    assert make_client().get(DEVICES).status == 200
    assert pauses == [1.0, 2.0]


@pytest.mark.parametrize("how", [{"status": 500}, {"status": 503, "headers": {"Retry-After": "1"}}, {"drops": True}])
def test_creations_are_not_retried(make_client, iroh, pauses, how):
    iroh.trick("POST", DEVICES, times=9, **how)
    fail(make_client, errors.AnswerLost, lambda client: client.post(DEVICES, {"name": "a", "tokenExpiry": 3600}))
    assert iroh.writes == [f"POST {DEVICES}"]
    assert pauses == []


def test_a_lost_log_in_is_not_a_lost_answer(make_client, iroh):
    iroh.trick("POST", LOGIN, times=99, status=500)
    fail(make_client, LoginFailed, lambda client: client.post(DEVICES, {}), retry_budget=3)
    assert iroh.writes == []


# Invalid answers


def test_html_is_reported_as_html(make_client, iroh):
    page = b"<html><title>Sign in to our guest network</title>" + b"x" * 500
    iroh.trick("GET", DEVICES, status=200, body=page, headers={"Content-Type": "text/html"})
    error = fail(make_client, errors.AnswerUnreadable, lambda client: client.get_all(DEVICES, page=10))
    assert "text/html" in str(error)
    assert "guest network" in str(error)
    assert "x" * 101 not in str(error)


def test_half_an_answer_with_a_token_does_not_show_it(make_client, iroh):
    half = b'{"token": "0123456789abcdef0123456789abcdef", "exp'
    iroh.trick("POST", DEVICES, status=201, body=half)

    def add(client):
        return client.post(DEVICES, {}, secret=True).json(client.secrets, secret=True)

    error = fail(make_client, errors.AnswerLost, add)
    assert "0123456789" not in str(error)
    assert "The server may have processed the request" in error.fix


HTML = {"body": b"<html>Web gateway</html>", "headers": {"Content-Type": "text/html"}}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda client: client.post(DEVICES, {}), errors.AnswerLost),
        (lambda client: client.patch(f"{DEVICES}/x", {}), errors.AnswerUnreadable),
        (lambda client: client.delete(f"{DEVICES}/x"), errors.AnswerUnreadable),
    ],
)
def test_a_web_page_is_not_a_confirmation(make_client, iroh, change, kind):
    for method in ("POST", "PATCH", "DELETE"):
        iroh.trick(method, DEVICES + ".*", status=200, **HTML)
    client = make_client()
    with pytest.raises(kind, match="Web gateway"):
        change(client)
    assert client.writes == 0
    assert len(iroh.writes) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [({"content": "missing-required-key"}, '{"content": "missing-required-key"}'), ("no", '"no"'), ({}, None)],
)
def test_a_refusal_in_another_form_is_shown(make_client, iroh, body, words):
    iroh.trick("GET", DEVICES, status=400, body=body)
    error = fail(make_client, errors.Refused)
    assert error.error_description == words


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_of_a_proxy_is_not_a_refusal_of_the_api(make_client, iroh, status):
    iroh.trick("GET", DEVICES, status=status, **HTML)
    error = fail(make_client)
    assert "check api_url and proxy" in error.fix
    assert "scope" not in error.fix


# The quota of the organization


def quota(client):
    return client.quota["limit"], client.quota["remaining"], client.quota["said_at"] is not None


def test_the_quota_is_from_the_latest_answer(make_client, iroh):
    client = make_client()
    assert (client.quota, client.calls) == (UNKNOWN_QUOTA, 0)
    told = {"x-ratelimit-org-limit": "8000", "X-RateLimit-Org-Remaining": "7"}
    iroh.trick("GET", DEVICES, status=200, body=[], headers=told)
    client.get(DEVICES)
    assert (quota(client), client.calls) == ((8000, 7, True), 2)
    client.get(DEVICES)
    assert (client.quota, client.calls) == (UNKNOWN_QUOTA, 3), "an answer without a quota also replaces it"
    iroh.trick("GET", DEVICES, status=404, headers={"X-Ratelimit-Org-Limit": "many", "X-Ratelimit-Org-Remaining": "0"})
    with pytest.raises(errors.Refused):
        client.get(DEVICES)
    assert quota(client) == (None, 0, True)


def test_a_new_log_in_keeps_the_quota(make_client, iroh):
    client = make_client()
    iroh.trick("GET", DEVICES, status=200, body=[], headers={"X-Ratelimit-Org-Remaining": "7"})
    client.get(DEVICES)
    iroh.trick("POST", LOGIN, status=401, body={"error": "invalid_client"})
    client._auth.forget()
    with pytest.raises(errors.AccessRefused):
        client.get(DEVICES)
    assert client.quota["remaining"] == 7


def test_the_quota_of_a_429_is_outdated_after_the_wait(make_client, iroh, pauses):
    used_up = {"Retry-After": "2s", "X-Ratelimit-Org-Limit": "8000", "X-Ratelimit-Org-Remaining": "0"}
    iroh.trick("GET", DEVICES, status=429, headers=used_up)
    client = make_client()
    client.get(DEVICES)
    assert (pauses, client.quota) == ([2.0], UNKNOWN_QUOTA)
    iroh.trick("GET", DEVICES, status=429, headers=used_up)
    iroh.trick("GET", DEVICES, status=200, body=[], headers={"X-Ratelimit-Org-Remaining": "41"})
    client.get(DEVICES)
    assert quota(client) == (None, 41, True)


# A request that the server may still process


def test_a_creation_is_not_repeated_while_the_api_may_process_it(make_client, iroh):
    iroh.trick("POST", DEVICES, status=504)
    client = make_client()
    body = {"name": "a", "tokenExpiry": 3600}
    for says in ("answered 504", "answered 504; the request is not retried"):
        with pytest.raises(errors.AnswerLate, match=says):
            client.post(DEVICES, body)
    assert iroh.writes == [f"POST {DEVICES}"]
    assert client.post(DEVICES, {**body, "name": "b"}).status == 201


# Pages


def test_all_pages_are_read(make_client, iroh):
    for number in range(25):
        iroh.device(f"esa{number}")
    assert len(make_client().get_all(DEVICES, page=10)) == 25
    assert [call.query for call in iroh.calls[1:]] == [{"limit": "10", "offset": str(offset)} for offset in (0, 9, 18)]


@pytest.mark.parametrize("total_hits", [True, False])
def test_a_server_with_smaller_pages(make_client, iroh, total_hits):
    iroh.total_hits = total_hits
    iroh.largest_page = 4
    for number in range(10):
        iroh.device(f"esa{number}")
    assert len(make_client().get_all(DEVICES, page=1000)) == 10


def test_a_server_that_ignores_the_offset(make_client, iroh):
    records = [{"id": str(number)} for number in range(3)]
    iroh.trick("GET", DEVICES, status=200, body=records, times=99)
    assert make_client().get_all(DEVICES, page=1000) == records


def test_a_changing_list_is_reread(make_client, iroh):
    for number in range(6):
        iroh.device(f"esa{number}")
    old = {"X-Total-Hits": "7"}
    iroh.trick("GET", DEVICES, status=200, body=[{"id": "gone"}, {"id": "other"}], headers=old)
    assert len(make_client().get_all(DEVICES, page=4)) == 6


@pytest.mark.parametrize("largest_page", [1, 2, 3])
def test_a_removal_and_an_addition_between_pages_are_detected(make_client, iroh, largest_page):
    for number in range(5):
        iroh.device(f"esa{number}")
    first = iroh.devices[:largest_page]
    del iroh.devices[0]
    iroh.device("new")
    iroh.largest_page = largest_page
    iroh.trick("GET", DEVICES, status=200, body=first, headers={"X-Total-Hits": "5"})
    names = [device["name"] for device in make_client().get_all(DEVICES, page=10)]
    # a server that gives one record a page leaves no room to notice it
    assert names == (
        ["esa0", "esa2", "esa3", "esa4", "new"] if largest_page == 1 else [*map("esa{}".format, range(1, 5)), "new"]
    )


@pytest.mark.parametrize(
    ("body", "total"),
    [([{"id": "a"}], "5"), ([{"id": "a"}, {"id": "a"}], "2"), ([{"id": "a"}, {"id": "b"}], "1"), ([], "3")],
)
def test_a_list_that_keeps_changing_is_an_error(make_client, iroh, body, total):
    iroh.trick("GET", DEVICES, status=200, body=body, headers={"X-Total-Hits": total}, times=99)
    fail(make_client, ListUnstable, lambda client: client.get_all(DEVICES, page=2))


@pytest.mark.parametrize("body", [{"data": []}, "text", None, [{"name": "no id"}], ["text"]])
def test_an_answer_that_is_not_a_list_is_refused(make_client, iroh, body):
    iroh.trick("GET", DEVICES, status=200, body=body)
    fail(make_client, errors.AnswerUnreadable, lambda client: client.get_all(DEVICES, page=2))


def test_the_host_name_of_the_certificate_is_checked(make_client, iroh):
    error = fail(make_client, errors.CertificateRefused, api_url=iroh.url.replace("localhost", "127.0.0.1"))
    assert "127.0.0.1" in str(error)


def test_the_repr_of_the_client_shows_no_secret(make_client):
    client = make_client()
    client.get(DEVICES)
    assert repr(client).startswith("<IrohClient europe localhost:")
    assert isinstance(client, IrohClient)


# Profiles


def test_a_profile_moves_a_path_and_limits_a_page(make_client, iroh):
    with (
        applied(Profile(paths={"devices": "/v2/devices"}, pages={"devices": 7})),
        pytest.raises(errors.Refused) as caught,
    ):
        make_client().get_all(DEVICES, page=1000)
    assert iroh.requests == [f"POST {LOGIN}", "GET /v2/devices"]
    assert iroh.calls[-1].query["limit"] == "7"
    assert caught.value.path == "/v2/devices"


def test_the_path_of_the_log_in_can_be_moved(make_client, iroh):
    with applied(Profile(paths={"login": "/v2/token"})), pytest.raises(errors.ApiError):
        make_client().get(DEVICES)
    assert iroh.requests == ["POST /v2/token"]


def test_a_region_of_a_profile_needs_an_address(make_client, iroh):
    with applied(Profile(regions={"canada": {"appliance_server": "api.ca.example.com"}})):
        assert make_client(region="canada").get(DEVICES).status == 200
        with pytest.raises(errors.OptionRefused, match="the address of the API of CANADA is unknown"):
            make_client(region="canada", api_url=None)
    with pytest.raises(errors.OptionRefused, match="region 'canada' is unknown"):
        make_client(region="canada")
