# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All forms of a secret are masked."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.emailsec.ctr.plugins.module_utils._secrets import (
    MASK,
    Secrets,
    forget,
    know,
    known,
    secrets_in,
)

FORMS = {
    "plain": lambda secret: secret,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 without padding": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "base64 for URLs without padding": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    "in a path": quote,
    "in a part of a path": lambda secret: quote(secret, safe=""),
    "in a query": quote_plus,
    "in a path, lower case": lambda secret: lower_hex(quote(secret)),
    "in a part of a path, lower case": lambda secret: lower_hex(quote(secret, safe="")),
    "in a query, lower case": lambda secret: lower_hex(quote_plus(secret)),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON in Unicode": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "HTML": html.escape,
    "HTML with quotes": lambda secret: html.escape(secret, quote=False),
    "JSON with slashes": lambda secret: json.dumps(secret)[1:-1].replace("/", r"\/"),
    "HTML in decimal": lambda secret: html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal in upper case": lambda secret: secret.encode().hex().upper(),
    "UTF-16": "\0".join,
    "all bytes in percent": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
    "Python": lambda secret: repr(secret)[1:-1],
    "Python between both quotes": lambda secret: repr(f"'\"{secret}")[4:-1],
}


@dataclass(frozen=True)
class Told:
    """A dataclass, like the errors and warnings of ansible-core."""

    text: str
    more: tuple[str, ...]


# The mask itself consists of asterisks.
TEXT = st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), max_size=30)
SECRET = (TEXT | st.text("aA1 %+/=?&<>'\"\\\n\tüß€😀", min_size=1, max_size=12)).filter(str.strip)


def lower_hex(quoted: str) -> str:
    return re.sub("%..", lambda byte: byte[0].lower(), quoted)


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRET, before=TEXT, after=TEXT)
def test_no_form_of_a_secret_survives(form: str, secret: str, before: str, after: str) -> None:
    masked = Secrets(secret).mask(before + FORMS[form](secret) + after)
    assert MASK in masked
    assert [name for name, written in FORMS.items() if written(secret) in masked] == []


@given(secrets=st.lists(SECRET, min_size=1, max_size=5), gaps=st.lists(TEXT, min_size=6, max_size=6))
def test_no_secret_survives_beside_another(secrets: list[str], gaps: list[str]) -> None:
    text = "".join(gap + secret for gap, secret in zip(gaps, secrets, strict=False)) + gaps[-1]
    one_by_one = Secrets()
    for secret in secrets:
        one_by_one.add(secret)
    for masker in (Secrets(*secrets), one_by_one):
        assert [secret for secret in secrets if secret in masker.mask(text)] == []


@given(secret=SECRET, text=TEXT)
def test_a_text_without_the_secret_is_unchanged(secret: str, text: str) -> None:
    masker = Secrets(secret)
    if not masker._forms_in(text):
        assert masker.mask(text) == text


@given(secret=SECRET)
def test_a_representation_shows_no_secret(secret: str) -> None:
    assert repr(Secrets(secret)) == str(Secrets(secret)) == repr(Secrets())


def test_the_longest_secret_is_masked_first() -> None:
    for values in (("pass", "password"), ("password", "pass")):
        assert Secrets(*values).mask("password, pass, passport") == f"{MASK}, {MASK}, {MASK}port"


@pytest.mark.parametrize("form", FORMS)
def test_a_shortened_text_has_no_part_of_a_secret(form: str) -> None:
    secret = "pä&ss \"w/rd'+%"
    secrets, written = Secrets(secret), FORMS[form](secret)
    for place in range(90, 101):
        assert secrets.beginning("-" * place + written, 100) == ("-" * place + MASK)[:100]
    many = written * (70_000 // len(written))
    for place in range(0, len(written), 5):
        shortened = secrets.beginning("-" * place + many, 10**6), secrets.end(many + "-" * place)
        assert [set(text) - {"-", "*"} for text in shortened] == [set(), set()]


def test_a_secret_with_several_spaces_is_masked_before_they_are_joined() -> None:
    secrets = Secrets("two  spaces\nand a line")
    assert secrets.line("said:  two  spaces\nand a line\n  end", 100) == f"said: {MASK} end"
    assert secrets.line("said:  two  spaces\nand a line", 8) == f"said: {MASK}"[:8]


@pytest.mark.parametrize("secret", [None, "", " ", "\n", " \t\r\n", "\u00a0"])
def test_a_blank_secret_masks_nothing(secret: str | None) -> None:
    text = "a text\twith blanks\nand %20 + \u00a0"
    masker = Secrets(secret, "s3cret")
    masker.add(secret)
    assert masker.mask(text) == masker.mask_tokens_too(text) == text


def test_a_secret_that_is_blank_in_a_url_masks_no_blanks() -> None:
    assert Secrets("%20").mask("a text with %20") == f"a text with {MASK}"


def test_a_short_secret_is_masked() -> None:
    assert Secrets("x").mask("xyz: x") == f"{MASK}yz: {MASK}"


def test_a_secret_from_a_url_is_known_as_it_is_sent() -> None:
    assert Secrets("p%40ss").mask("p%40ss is p@ss") == f"{MASK} is {MASK}"


@pytest.mark.parametrize("secret", ["caf\udce9", "\ud800high", "low\udfff"])
def test_a_secret_that_is_not_unicode_is_masked(secret: str) -> None:
    masker = Secrets(secret)
    assert masker.mask(f"<{secret}>") == f"<{MASK}>"
    assert masker.mask(f"<{secret!r}>") == f"<'{MASK}'>"


def test_bytes_of_another_encoding_are_masked_as_they_are_sent() -> None:
    sent = base64.b64encode(b"caf\xe9").decode()
    assert Secrets("caf\udce9").mask(f"Basic {sent}") == f"Basic {MASK}"


@pytest.mark.parametrize(
    ("data", "masked"),
    [
        ("my s3cret", f"my {MASK}"),
        (Told("a s3cret", ("s3cret",)), Told(f"a {MASK}", (MASK,))),
        ({"s3cret": ["a s3cret", 1, None, True]}, {MASK: [f"a {MASK}", 1, None, True]}),
        (("s3cret", {"deep": ({"er": "s3cret"},)}), (MASK, {"deep": ({"er": MASK},)})),
        (1.5, 1.5),
    ],
)
def test_data_is_masked_however_deep(data: Any, masked: Any) -> None:
    assert Secrets("s3cret").mask_data(data) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("token 0123456789abcdef0123456789ABCDEF.", f"token {MASK}."),
        ("id 0123456789abcdef0123456789abcdef0", "id 0123456789abcdef0123456789abcdef0"),
        ("id 0123456789abcdef", "id 0123456789abcdef"),
        ("s3cret 0123456789abcdef0123456789abcdef", f"{MASK} {MASK}"),
    ],
)
def test_what_looks_like_a_token_is_masked_on_request(text: str, masked: str) -> None:
    masker = Secrets("s3cret")
    assert masker.mask_tokens_too(text) == masked
    assert masker.mask(text) == text.replace("s3cret", MASK)


class TestSecretsOfARun:
    @pytest.fixture(autouse=True)
    def _forgotten(self) -> Iterator[None]:
        yield
        forget()

    def test_all_secrets_of_the_run_are_masked_by_everyone(self) -> None:
        own = Secrets("own s3cret")
        know(["S3cret of another", None, ""])
        assert own.mask("own s3cret, S3cret of another, c3Mi") == f"{MASK}, {MASK}, c3Mi"
        assert Secrets().mask_data({"S3cret of another": 1}) == {MASK: 1}
        assert known() == ["S3cret of another"]

    @pytest.mark.parametrize("weak", ["a", "12345", "POST", "ironport", "esagate2024"])
    def test_a_weak_secret_is_masked_only_by_its_own_system(self, weak: str) -> None:
        know([weak])
        assert Secrets().mask(f"{weak}.example.com") == f"{weak}.example.com"
        assert Secrets(weak).mask(f"{weak}.") == f"{MASK}."

    def test_thousands_of_secrets_are_masked_in_a_long_text(self) -> None:
        know(f"S3cret-{number:05d}-of/a&host" for number in range(5_000))
        text = "word " * 2_000
        masked = f"{text} {FORMS['base64']('S3cret-04321-of/a&host')} S3cret-00001-of/a&amp;host."
        assert Secrets().mask(masked) == f"{text} {MASK} {MASK}."


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("ansible_password", "pw", ["pw"]),
        ("ansible_user", "admin", []),
        ("esa_ctr_token_file", "/etc/tokens", []),
        ("esa_ctr_token_lifetime", "1h", []),
        ("esa_ctr_registration_tokens", ["t1", "t2"], ["t1", "t2"]),
        ("esa_ctr_regions", {"eu": {"client_id": "me", "client_password": "pw"}}, ["pw", "me:pw", "\0me\0pw"]),
        ("esa_ctr_regions", {"eu": {"proxy": "http://u:p%40w@proxy:1"}}, ["p%40w", "p@w"]),
        ("esa_ctr_regions", {"eu": {"proxy": "http://proxy:1", "api_url": "https://api"}}, []),
        ("esa_ctr_notify_headers", {"Authorization": "Bearer abc"}, ["Bearer", "abc", "Bearer abc"]),
        (
            "esa_ctr_notify_url",
            "https://hook/s3/key?t=1",
            ["/s3/key", "t=1", "key", "s3", "key", "1", "https://hook/s3/key?t=1"],
        ),
        ("esa_ctr_notify_url", "https://[hook", ["https://[hook"]),
        ("esa_ctr_smtp_password", None, []),
    ],
)
def test_the_secrets_of_a_variable_are_found_by_its_name(name: str, value: Any, expected: list[str]) -> None:
    assert [one for one in secrets_in(name, value) if one] == expected
