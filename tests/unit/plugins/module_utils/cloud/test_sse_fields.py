# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A missing field or a wrong type is reported with the names of the received fields, never with values."""

from __future__ import annotations

import pytest

from ansible_collections.emailsec.ctr.plugins.module_utils._active_profile import Profile
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud import sse_fields
from ansible_collections.emailsec.ctr.plugins.module_utils._cloud.errors import FieldMissing
from tests.samples.profiles import applied

RECORD = {"id": "1", "name": "esa", "status": "Registered"}


def test_a_device_with_the_required_fields():
    device = sse_fields.device_from_api({**RECORD, "ipAddress": "192.0.2.1", "new": 1}, "GET /x")
    assert (device.ip_address, device.version, device.registered) == ("192.0.2.1", None, True)


@pytest.mark.parametrize("field", ["id", "name", "status"])
@pytest.mark.parametrize("value", [None, "", 7, {}, "gone"])
def test_a_device_without_a_required_field_is_refused(field, value):
    record = {**RECORD, field: value, "uuid": "private"}
    if value == "gone":
        del record[field]
    with pytest.raises(FieldMissing) as caught:
        sse_fields.device_from_api(record, "GET /x")
    assert caught.value.field == field
    assert f'"{field}"' in str(caught.value)
    assert "uuid (string)" in str(caught.value)
    assert "private" not in str(caught.value)


def test_a_token_under_another_name_is_not_shown():
    with pytest.raises(FieldMissing) as caught:
        sse_fields.token_from_api({"registrationToken": "5ecret", "expiresAt": "x"}, "POST /x")
    assert "registrationToken (string)" in str(caught.value)
    assert "5ecret" not in str(caught.value)
    assert "5ecret" not in repr(sse_fields.Token("5ecret", "soon"))


def test_a_profile_gives_other_names_words_and_paths_into_records():
    fields = {"id": ("data.uuid",), "status": ("data.state",), "token": ("data.token", "token")}
    profile = Profile(fields=fields, sends={"name": "device_name"}, statuses={"registered": ("enrolled",)})
    record = {"data": {"uuid": "1", "state": "Enrolled"}, "name": "esa", "token": "t", "expiresAt": "x"}
    with applied(profile):
        device = sse_fields.device_from_api(record, "GET /x")
        assert (device.id, device.name, device.registered, device.awaits_token) == ("1", "esa", True, False)
        assert sse_fields.token_from_api(record, "POST /x").token == "t"
        assert sse_fields.new_device("esa", 60) == {"device_name": "esa", "tokenExpiry": 60}
        with pytest.raises(FieldMissing, match='"data.uuid" of a device is missing'):
            sse_fields.device_from_api({"id": "1", "name": "a", "data": {"state": "x"}}, "GET /x")
    assert not device.registered, "the word has no meaning without the profile"


def test_a_missing_field_leads_to_the_probe():
    with pytest.raises(FieldMissing) as caught:
        sse_fields.device_from_api({"name": "a"}, "GET /x")
    assert "emailsec.ctr.probe" in str(caught.value.fix)
