# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services of appliances other than SSH: SMTP accepts mail, and the REST API finds it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import smtplib
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.lab.appliance import smtp
from tests.lab.appliance.api import REFUSALS
from tests.lab.fleet import read_fleet
from tests.lab.fleet_fields import FleetError
from tests.lab.inventory import description_of, inventory_of
from tests.lab.lab import Lab
from tests.lab.services import CHOICES
from tests.unit.lab.clients import basic, with_lab, writes

NAME = "esa1.example.com"
BOTH = {"rest_api": True, "smtp": True}


def box(name: str = NAME, **services: Any) -> dict[str, Any]:
    return {"name": name, "region": "europe", "services": {**BOTH, **services}}


def message(subject: str = "Invoice Due", attachment: bytes | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "a@example.com", "b@example.com"
    mail["Subject"] = subject
    mail["Message-ID"] = "<123-abc@example.com>"
    mail.set_content("text")
    if attachment is not None:
        mail.add_attachment(attachment, maintype="application", subtype="pdf", filename="invoice.pdf")
    return mail


async def send(lab: Lab, name: str = NAME, mail: EmailMessage | None = None, **how: Any) -> Any:
    """Deliver a message over SMTP; return the text of a refusal."""

    def talk() -> Any:
        with smtplib.SMTP("127.0.0.1", lab.smtp[name].port, timeout=10) as client:
            if how.get("tls", True):
                client.starttls(context=ssl.create_default_context(cadata=lab.ca_pem.decode()))
            if "password" in how:
                client.login(smtp.USER, how["password"])
            return client.send_message(mail or message())

    try:
        return await asyncio.to_thread(talk)
    except smtplib.SMTPException as error:
        return error


class Api:
    """A client of the REST API of one appliance."""

    def __init__(self, lab: Lab, name: str, session: aiohttp.ClientSession) -> None:
        product = lab.appliances[name].appliance.spec.product.lower()
        self.root = f"https://127.0.0.1:{lab.apis[name].port}/{product}/api/v2.0"
        self.session = session
        self.headers: dict[str, str] = {}

    async def log_in(self, password: str, status: int = 200) -> Any:
        data = {
            key: base64.b64encode(value.encode()).decode()
            for key, value in (("userName", "admin"), ("passphrase", password))
        }
        async with self.session.post(f"{self.root}/login", json={"data": data}) as response:
            answer = await response.json()
            assert response.status == status, answer
        if status == 200:
            self.headers = {"jwtToken": answer["data"]["jwtToken"]}
        return answer

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        async with self.session.get(f"{self.root}/{path}", params=query, headers=self.headers) as response:
            answer = await response.json()
            assert response.status == status, answer
            return answer

    async def search(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.get("message-tracking/messages", **window(), **query)
        return [entry["attributes"] for entry in answer["data"]]


def window() -> dict[str, str]:
    now = datetime.now(UTC)
    shown = "%Y-%m-%dT%H:%M:00.000Z"
    return {
        "startDate": (now - timedelta(days=1)).strftime(shown),
        "endDate": (now + timedelta(minutes=1)).strftime(shown),
    }


@contextlib.asynccontextmanager
async def api_of(lab: Lab, name: str = NAME, log_in: bool = True) -> AsyncIterator[Api]:
    tls = ssl.create_default_context(cadata=lab.ca_pem.decode())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
        api = Api(lab, name, session)
        if log_in:
            await api.log_in(lab.password)
        yield api


async def control(lab: Lab, path: str, body: Any, status: int = 200) -> Any:
    async with aiohttp.request("POST", lab.control.url + path, json=body) as response:
        answer = await response.json()
        assert response.status == status, answer
        return answer


def test_mail_that_is_delivered_is_tracked() -> None:
    async def story(lab: Lab) -> None:
        assert await send(lab, mail=message(attachment=b"%PDF")) == {}
        async with api_of(lab) as api:
            [found] = await api.search()
        mid = str(found["mid"][0])
        assert found["subject"] == "Invoice Due"
        assert found["sender"] == "a@example.com"
        assert found["recipient"] == ["b@example.com"]
        assert found["messageID"] == {mid: "<123-abc@example.com>"}
        assert found["messageStatus"] == {mid: "Delivered"}
        assert found["hostName"] == NAME
        assert found["timestamp"].endswith("(GMT +00:00)")
        kinds = [call.kind for call in lab.recorder.calls]
        assert kinds == ["smtp", "api", "api"]
        delivered = lab.recorder.calls[0].as_json()
        assert delivered["who"] == NAME
        assert (delivered["tls"], delivered["user"], delivered["status"]) == (True, None, 250)
        assert (delivered["sender"], delivered["recipients"]) == ("a@example.com", ["b@example.com"])
        assert writes(lab) == []

    with_lab(story, box())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"subjectfilterOperator": "contains", "subjectfilterValue": "voice"}, True),
        ({"subjectfilterOperator": "is", "subjectfilterValue": "invoice due"}, True),
        ({"subjectfilterOperator": "is", "subjectfilterValue": "Invoice"}, False),
        ({"subjectfilterOperator": "begins_with", "subjectfilterValue": "Inv"}, True),
        ({"subjectfilterOperator": "begins_with", "subjectfilterValue": "Due"}, False),
        ({"envelopeSenderfilterOperator": "is", "envelopeSenderfilterValue": "a@example.com"}, True),
        ({"envelopeRecipientfilterOperator": "is", "envelopeRecipientfilterValue": "a@example.com"}, False),
        ({"attachmentNameOperator": "contains", "attachmentNameValue": ".pdf"}, True),
        ({"domainNameOperator": "is", "domainNameValue": "example.com"}, True),
        ({"messageIdHeader": "123-abc@example.com"}, True),
        ({"messageIdHeader": "<123-abc@example.com>"}, True),
        ({"messageIdHeader": "abc"}, False),
        ({"ciscoMid": "1001"}, True),
        ({"ciscoMid": "1"}, False),
        ({"senderIp": "127.0.0.1"}, True),
        ({"senderIp": "192.0.2.1"}, False),
        ({"fileSha256": hashlib.sha256(b"%PDF").hexdigest()}, True),
        ({"fileSha256": hashlib.sha256(b"other").hexdigest()}, False),
        ({"messageDirection": "incoming"}, True),
        ({"deliveryStatus": "DELIVERED"}, True),
        ({"deliveryStatus": "DROPPED"}, False),
        ({"ciscoHost": "All_Hosts"}, True),
        ({"ciscoHost": "other.example.com"}, False),
        ({"ciscoMid": "1001", "senderIp": "192.0.2.1"}, False),
    ],
)
def test_each_filter_finds_the_matching_messages(query: dict[str, str], found: bool) -> None:
    async def story(lab: Lab) -> None:
        await send(lab, mail=message(attachment=b"%PDF"))
        async with api_of(lab) as api:
            assert bool(await api.search(**query)) is found

    with_lab(story, box())


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"startDate": None}, 404, "Missing attribute - startDate or endDate."),
        ({"startDate": "2026-01-01T00:00:07.000Z"}, 400, "startDate"),
        ({"endDate": "2020-01-01T00:00:00.000Z"}, 400, "endDate"),
        ({"limit": "101"}, 400, "limit"),
        ({"offset": "x"}, 400, "offset"),
        ({"subjectfilterValue": "x"}, 400, "subjectfilterOperator"),
        ({"colour": "blue"}, 400, "colour"),
        ({"fileSha256": "abc"}, 400, "fileSha256"),
        ({"searchOption": "everything"}, 400, "searchOption"),
    ],
)
def test_invalid_queries_are_refused(query: dict[str, Any], status: int, words: str) -> None:
    async def story(lab: Lab) -> None:
        asked = {key: value for key, value in {**window(), **query}.items() if value is not None}
        async with api_of(lab) as api:
            answer = await api.get("message-tracking/messages", status, **asked)
        assert set(answer["error"]) == {"message", "code", "explanation"}
        assert words in answer["error"]["message"]
        assert answer["error"]["code"] == str(status)

    with_lab(story, box())


@pytest.mark.parametrize(("total_count", "totals"), [("page", [100, 100, 50]), ("all", [250, 250, 250])])
def test_results_come_in_pages(total_count: str, totals: list[int]) -> None:
    async def story(lab: Lab) -> None:
        answer = await control(lab, "/messages", {"appliance": NAME, "messages": [{"count": 250, "subject": "m{n}"}]})
        assert len(set(answer["mids"])) == 250
        seen, counted = [], []
        async with api_of(lab) as api:
            for offset in (0, 100, 200):
                page = await api.get("message-tracking/messages", **window(), offset=offset, limit=100)
                seen += [entry["attributes"]["subject"] for entry in page["data"]]
                counted.append(page["meta"]["totalCount"])
        assert seen == [f"m{number}" for number in range(250, 0, -1)]
        assert counted == totals

    with_lab(story, box(total_count=total_count))


def test_the_api_needs_valid_credentials() -> None:
    async def story(lab: Lab) -> None:
        async with api_of(lab, log_in=False) as api:
            answer = await api.log_in("wrong", 401)
            assert answer["error"]["message"] == "Invalid username or passphrase."
            assert answer["error"]["explanation"] == "401 = No permission -- see authorization schemes."
            await api.get("login/privileges", 401)
            api.headers = {"jwtToken": "made.up.token"}
            await api.get("login/privileges", 401)
            api.headers = basic("admin", lab.password)
            assert (await api.get("login/privileges"))["data"]
            await api.log_in(lab.password)
            await api.get("login/privileges")
            await control(lab, "/switch", {"appliance": NAME, "set": {"jwt_uses": 2}})
            await api.get("login/privileges")
            await api.get("login/privileges", 401)
            await api.log_in(lab.password)
            await api.get("login/privileges")
            await control(lab, "/reset", None)
            await api.get("login/privileges", 401)

    with_lab(story, box())


def test_a_jwt_expires() -> None:
    async def story(lab: Lab) -> None:
        async with api_of(lab) as api:
            await api.get("login/privileges", 401)

    with_lab(story, box(jwt_seconds=0))


@pytest.mark.parametrize(("answer", "status"), [("forbidden", 403), ("not_found", 404), ("empty", 200)])
def test_searches_while_message_tracking_is_off(answer: str, status: int) -> None:
    async def story(lab: Lab) -> None:
        await send(lab)
        async with api_of(lab) as api:
            assert len(await api.search()) == 1
            off = {"message_tracking": False, "tracking_off_answer": answer}
            await control(lab, "/switch", {"appliance": NAME, "set": off})
            await send(lab)
            got = await api.get("message-tracking/messages", status, **window())
            assert got.get("data", []) == []
            await control(lab, "/switch", {"appliance": NAME, "set": {"message_tracking": True}})
            assert len(await api.search()) == 1

    with_lab(story, box())


@pytest.mark.parametrize("answer", [name for name in CHOICES["search_answer"] if name != "found"])
def test_searches_that_are_refused(answer: str) -> None:
    async def story(lab: Lab) -> None:
        status, message = REFUSALS[answer]
        async with api_of(lab) as api:
            got = await api.get("message-tracking/messages", status, **window())
        assert got["error"]["message"] == message

    with_lab(story, box(search_answer=answer))


def test_searches_that_fail_at_first() -> None:
    async def story(lab: Lab) -> None:
        async with api_of(lab) as api:
            for status in (503, 503, 200):
                await api.get("message-tracking/messages", status, **window())

    with_lab(story, box(search_failures=2))


def test_a_token_is_refused_with_the_cookie_of_another_log_in() -> None:
    async def story(lab: Lab) -> None:
        async with api_of(lab) as api:
            own = {"jwtToken": api.headers["jwtToken"]}
            for cookie, status in (({}, 200), ({"Cookie": "sessionid=old"}, 401)):
                api.headers = {**own, **cookie}
                await api.get("login/privileges", status)

    with_lab(story, box())


def test_an_sma_has_its_own_path_and_the_messages_of_its_esas() -> None:
    async def story(lab: Lab) -> None:
        await send(lab)
        await send(lab, "sma1.example.com")
        async with api_of(lab) as api:
            assert await api.search() == []
        async with api_of(lab, "sma1.example.com") as api:
            assert {found["hostName"] for found in await api.search()} == {NAME, "sma1.example.com"}
            [found] = await api.search(ciscoHost=NAME)
            assert found["serialNumber"] == lab.appliances[NAME].appliance.serial
            api.root = api.root.replace("/sma/", "/esa/")
            await api.log_in(lab.password, 404)
            assert (await api.get("login/privileges", 404))["error"]["code"] == "404"

    sma = {**box("sma1.example.com"), "product": "SMA"}
    with_lab(story, {**box(), "managed_by": "sma1.example.com"}, sma)


def test_smtp_can_require_a_log_in() -> None:
    async def story(lab: Lab) -> None:
        refused = await send(lab)
        assert isinstance(refused, smtplib.SMTPException)
        refused = await send(lab, password="wrong")
        assert isinstance(refused, smtplib.SMTPAuthenticationError)
        assert await send(lab, password=lab.smtp_password) == {}
        [call] = lab.recorder.calls
        assert call.user == smtp.USER
        assert lab.smtp_password not in str(call)

    with_lab(story, box(smtp_auth="required"))


def test_smtp_can_lack_starttls_and_refuse_recipients() -> None:
    async def story(lab: Lab) -> None:
        assert isinstance(await send(lab), smtplib.SMTPNotSupportedError)
        assert await send(lab, tls=False) == {}
        assert lab.recorder.calls[-1].tls is False
        await control(lab, "/switch", {"appliance": NAME, "set": {"smtp_refuses": True}})
        assert isinstance(await send(lab, tls=False), smtplib.SMTPRecipientsRefused)
        assert lab.recorder.calls[-1].status == 550

    with_lab(story, box(smtp_starttls=False))


def test_a_message_is_found_after_a_delay() -> None:
    async def story(lab: Lab) -> None:
        await send(lab)
        async with api_of(lab) as api:
            assert await api.search() == []

    with_lab(story, box(tracking_seconds=3600))


def test_a_self_signed_certificate_is_trusted_only_as_its_own_ca() -> None:
    async def story(lab: Lab) -> None:
        with pytest.raises(aiohttp.ClientConnectorCertificateError, match="self-signed"):
            async with api_of(lab):
                raise AssertionError("trusted")
        tls = ssl.create_default_context(cadata=lab.certificates.self_signed_pem.decode())
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
            await Api(lab, NAME, session).log_in(lab.password)

    with_lab(story, box(certificate="self_signed"))


def test_services_are_off_by_default() -> None:
    fleet = {
        "services": {"rest_api": True},
        "appliances": [
            {"name": "a.example.com"},
            {"name": "b.example.com", "services": {"smtp": True, "smtp_auth": "offered"}},
            {"name": "c.example.com", "services": {"rest_api": False}},
        ],
    }

    async def check_ports() -> None:
        async with Lab(read_fleet("test.yml", fleet)) as lab:
            told = description_of(lab, Path("/run"))["appliances"]
            assert set(told) == {"a.example.com", "b.example.com"}
            hosts = inventory_of(lab, Path("/run"))["all"]["children"]["appliances"]["hosts"]
            api_port, smtp_port = lab.apis["b.example.com"].port, lab.smtp["b.example.com"].port
            assert told["b.example.com"] == {
                "api_port": api_port,
                "api_ca_path": "/run/ca.pem",
                "smtp_port": smtp_port,
                "smtp_ca_path": "/run/ca.pem",
            }
            assert (
                hosts["b.example.com"].items()
                >= {
                    "esa_ctr_api_port": api_port,
                    "esa_ctr_smtp_port": smtp_port,
                    "esa_ctr_smtp_username": smtp.USER,
                    "esa_ctr_smtp_password": lab.smtp_password,
                }.items()
            )
            assert "esa_ctr_smtp_port" not in hosts["a.example.com"]
            assert not [key for key in hosts["c.example.com"] if key.startswith("esa_ctr")]

    asyncio.run(check_ports())


@pytest.mark.parametrize(
    ("fleet", "field"),
    [
        ({"services": {"colour": "blue"}}, "services.colour"),
        ({"services": {"smtp": "yes"}}, "services.smtp"),
        ({"services": {"total_count": "some"}}, "services.total_count"),
        ({"regions": {"mars": {}}}, "regions.mars"),
        ({"regions": {"europe": {"ctr_enabled": 1}}}, "regions.europe.ctr_enabled"),
        ({"appliances": [{"name": "a.example.com", "managed_by": "b.example.com"}]}, "managed_by"),
        ({"appliances": [{"name": "a.example.com", "initial": {"device": "absent"}}]}, "initial.device"),
    ],
)
def test_errors_in_the_services_of_a_fleet_file(fleet: dict[str, Any], field: str) -> None:
    with pytest.raises(FleetError) as caught:
        read_fleet("test.yml", {"appliances": [{"name": "a.example.com"}], **fleet})
    assert caught.value.field == field
