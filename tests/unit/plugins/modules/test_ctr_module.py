# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ctr_module as Ansible runs it, against a real HTTPS server."""

from __future__ import annotations

import copy

import pytest
from ansible.module_utils.basic import AnsibleModule

from ansible_collections.emailsec.ctr.plugins.modules import ctr_module, sse_device_facts

TYPES = "/iroh/iroh-int/module-type"
INSTANCES = "/iroh/iroh-int/module-instance"
DEVICES = "/iroh/iroh-sse/device"
LOGIN = "POST /iroh/oauth2/token"


@pytest.fixture
def run(run_module):
    def run(**args):
        return run_module(ctr_module.main, **args)

    return run


@pytest.fixture
def esa1(iroh):
    return iroh.device("esa1")


@pytest.fixture
def warned(monkeypatch):
    """The warnings given; Ansible keeps its own for the whole process."""
    texts = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: texts.append(text))
    return texts


def actions(result):
    return [(row["name"], row["action"]) for row in result["modules"]]


def test_one_module_is_created_with_the_settings_of_its_type(run, iroh, esa1):
    result = run(name="ESA 1", device="esa1")
    made = iroh.instances[0]
    assert made["settings"] == {"custom_SSE_DEVICE": esa1["id"], "custom_DAYS": 30, "mode": "full"}
    assert (made["name"], made["module_type_id"], made["visibility"], made["enabled"]) == (
        "ESA 1",
        "type-esa",
        "org",
        True,
    )
    assert result["modules"] == [
        {
            "name": "ESA 1",
            "id": made["id"],
            "device_id": esa1["id"],
            "device_name": "esa1",
            "request_timeframe_days": 30,
            "enabled": True,
            "action": "created",
            "error": None,
            "by_hand": None,
            "found": None,
            "meanwhile": None,
        }
    ]
    assert result["module_types"] == [
        {"product": "esa", "id": "type-esa", "title": "Secure Email Gateway", "devices_offered": None}
    ]
    assert iroh.requests == [
        "POST /iroh/oauth2/token",
        f"GET {TYPES}",
        f"GET {INSTANCES}",
        f"GET {DEVICES}",
        f"POST {INSTANCES}",
        f"GET {INSTANCES}",
    ]


def test_a_rerun_changes_nothing(run, iroh, esa1):
    run(name="ESA 1", device="esa1")
    before = copy.deepcopy(iroh.instances)
    result = run(name="ESA 1", device=esa1["id"])
    assert actions(result) == [("ESA 1", "none")]
    assert not result["changed"]
    assert len(iroh.writes) == 1
    assert iroh.instances == before


def test_a_timeframe_as_a_string_is_the_same_number(run, iroh, esa1):
    iroh.instance("ESA 1", esa1["id"], days="30")
    assert not run(name="ESA 1", device="esa1")["changed"]


@pytest.mark.parametrize("args", [{"request_timeframe_days": 60}, {"enabled": False}, {"device": "esa2"}])
def test_only_differences_are_updated(run, iroh, esa1, args):
    iroh.device("esa2")
    made = iroh.instance("ESA 1", esa1["id"], mode="odd", **{"pass": "masked"})
    wanted = {"name": "ESA 1", "device": "esa1", **args}
    predicted = run(**wanted, check=True)
    assert iroh.writes == []
    result = run(**wanted)
    assert actions(result) == actions(predicted) == [("ESA 1", "updated")]
    assert result["diff"] == predicted["diff"]
    assert iroh.writes == [f"PATCH {INSTANCES}/{made['id']}"]
    assert made["settings"]["mode"] == "odd"
    assert made["settings"]["pass"] == "masked"
    assert "pass" not in iroh.calls[-1].body.get("settings", {})
    assert not run(**wanted)["changed"]


def test_a_module_of_the_device_under_another_name_is_renamed(run, iroh, esa1):
    made = iroh.instance("old name", esa1["id"])
    result = run(name="ESA 1", device="esa1")
    assert actions(result) == [("ESA 1", "updated")]
    assert (made["name"], len(iroh.instances)) == ("ESA 1", 1)
    assert iroh.calls[-1].body == {"name": "ESA 1"}
    assert result["diff"]["before"]["ESA 1"]["name"] == "old name"


def test_exchanged_names_are_not_a_renaming(run, iroh, esa1):
    esa2 = iroh.device("esa2")
    one, two = iroh.instance("one", esa2["id"]), iroh.instance("two", esa1["id"])
    run(modules=[{"name": "one", "device": "esa1"}, {"name": "two", "device": "esa2"}])
    assert one["settings"]["custom_SSE_DEVICE"] == esa1["id"]
    assert two["settings"]["custom_SSE_DEVICE"] == esa2["id"]
    assert len(iroh.instances) == 2


def test_the_oldest_of_duplicate_modules_is_kept(run, iroh, esa1):
    made = [iroh.instance("ESA 1", esa1["id"], days=days) for days in (60, 30, 7)]
    other = iroh.instance("ESA 1", esa1["id"], kind=1)
    predicted = run(name="ESA 1", device="esa1", check=True, list_orphans=True)
    assert iroh.writes == []
    done = run(name="ESA 1", device="esa1", list_orphans=True)
    assert actions(predicted) == actions(done) == [("ESA 1", "updated")]
    assert predicted["diff"] == done["diff"]
    assert predicted["duplicates"] == done["duplicates"] == []
    assert done["modules"][0]["id"] == made[0]["id"]
    assert done["diff"]["after"]["ESA 1"]["request_timeframe_days"] == 30
    assert [done["diff"]["after"][f"ESA 1 ({one['id']})"] for one in made[1:]] == [None, None]
    assert iroh.instances == [made[0], other], "a module of another product is not a duplicate"
    assert iroh.writes == [
        f"PATCH {INSTANCES}/{made[0]['id']}",
        *(f"DELETE {INSTANCES}/{one['id']}" for one in made[1:]),
    ]
    assert not run(name="ESA 1", device="esa1")["changed"]


def test_duplicate_modules_with_another_name_become_one(run, iroh, esa1):
    made = [iroh.instance("old", esa1["id"]) for _time in range(2)]
    assert actions(run(name="ESA 1", device="esa1")) == [("ESA 1", "updated")]
    assert (iroh.instances, made[0]["name"]) == ([made[0]], "ESA 1")


def test_modules_without_a_device_are_not_duplicates(run, iroh, esa1):
    for _time in range(2):
        iroh.instance("ESA 1", "")
    assert run(name="ESA 1", device="esa1")["failed"]
    assert run(name="ESA 1", state="absent")["failed"]
    assert iroh.writes == []


@pytest.mark.parametrize("by", [{"name": "ESA 1"}, {"name": "ESA 1", "device": "esa1"}, {"device": "esa1"}])
def test_duplicate_modules_are_removed_together(run, iroh, esa1, by):
    for _time in range(2):
        iroh.instance("ESA 1", esa1["id"])
    other = iroh.instance("other", iroh.device("esa2")["id"])
    predicted = run(**by, state="absent", check=True)
    assert iroh.writes == []
    done = run(**by, state="absent")
    assert actions(predicted) == actions(done) == [("ESA 1", "deleted")] * 2
    assert predicted["diff"] == done["diff"]
    assert iroh.instances == [other]


def test_a_failed_check_for_duplicates_is_a_warning(run, iroh, esa1, warned):
    iroh.trick("GET", INSTANCES, status=403, body={"error": "missing_scope"}, skip=1)
    assert actions(run(name="ESA 1", device="esa1")) == [("ESA 1", "created")]
    assert "the check for duplicate modules of another run failed" in warned[0]


def test_a_duplicate_that_cannot_be_removed_is_a_failure(run, iroh, esa1):
    def another(*answer):
        iroh.instances.insert(0, {**iroh.instances[0], "id": "older", "created_at": "2020-01-01T00:00:00"})
        return 200, list(iroh.instances), {}

    iroh.trick("GET", INSTANCES, changes=another, skip=1)
    iroh.trick("DELETE", INSTANCES + "/.*", status=403, body={"error": "missing_scope"})
    result = run(name="ESA 1", device="esa1")
    assert actions(result) == [("ESA 1", "failed")]
    assert "another run also created this module (older)" in result["msg"]


def test_only_own_duplicates_are_removed(run, iroh, esa1, warned):
    esa2 = iroh.device("esa2")

    def others(*answer):
        for device, name in ((esa1, "ESA 1"), (esa2, "ESA 2"), (esa2, "ESA 2")):
            iroh.instance(name, device["id"])
        return 200, list(iroh.instances), {}

    iroh.trick("GET", INSTANCES, changes=others, skip=1)
    made = run(name="ESA 1", device="esa1")
    assert actions(made) == [("ESA 1", "created")], "it is the older one; the other run removes its own"
    assert (len(iroh.instances), len(iroh.writes)) == (4, 1)


def test_names_with_terminal_controls_are_escaped(run, iroh, esa1, warned):
    evil = "\x1b[2J\u202e"
    # Ansible refuses NUL in an argument.
    answered = f"{evil}\x00"
    for device in (esa1["id"], "gone"):
        iroh.instance(evil, device)
    result = run(name=evil, device="esa1", state="present")
    iroh.types.append({**iroh.types[1], "id": "type-sma-2", "title": answered, "default_name": "SMA Email"})
    run(modules=[], list_orphans=True)
    iroh.trick("GET", DEVICES, status=403, body={"error": "no", "error_description": answered})
    run(name="A", device="esa1")
    texts = [result["msg"], *warned]
    assert len(texts) == 3
    assert all("\\x1b[2J\\u202e" in text for text in texts)
    assert all("\\u202e\\x00" in text for text in warned)
    assert not any(one in text for text in texts for one in "\x1b\x00\u202e")
    assert result["modules"][0]["name"] == evil, "data is unchanged"


def test_many_of_both_products_in_one_task(run, iroh):
    for number in range(30):
        iroh.device(f"esa{number}")
    iroh.device("sma")
    modules = [{"name": f"ESA {number}", "device": f"esa{number}"} for number in range(30)]
    modules.append({"name": "SMA", "device": "sma", "product": "sma", "request_timeframe_days": 7, "enabled": False})
    result = run(modules=modules, request_timeframe_days=90)
    assert {row["action"] for row in result["modules"]} == {"created"}
    assert iroh.instances[0]["settings"]["custom_DAYS"] == 90
    assert iroh.instances[-1]["settings"]["number-of-days"] == 7
    assert iroh.instances[-1]["enabled"] is False
    assert len(iroh.requests) == 1 + 1 + 2 + 1 + 31 + 2, "two of them check for duplicates"
    calls = len(iroh.requests)
    assert not run(modules=modules, request_timeframe_days=90)["changed"]
    assert len(iroh.requests) == calls + 5


def test_check_mode_predicts_a_run(run, iroh, esa1):
    esa2, _esa3, _esa4 = iroh.device("esa2"), iroh.device("esa3"), iroh.device("esa4", "Pending")
    iroh.instance("ESA 1", esa1["id"])
    iroh.instance("ESA 2", esa2["id"], days=1)
    modules = [{"name": f"ESA {number}", "device": f"esa{number}"} for number in (1, 2, 3, 4)]
    predicted = run(modules=modules, check=True)
    assert iroh.writes == []
    done = run(modules=modules)
    assert actions(predicted) == actions(done)
    assert [action for _name, action in actions(done)] == ["none", "updated", "created", "failed"]
    assert (predicted["changed"], predicted["diff"], predicted["msg"]) == (True, done["diff"], done["msg"])


def test_assumed_devices_count_in_check_mode_only(run, iroh):
    iroh.device("esa2", "Pending")
    modules = [{"name": "ESA 1", "device": "esa1"}, {"name": "ESA 2", "device": "esa2"}]
    result = run(modules=modules, assumed_devices=["ESA1", "esa2"], check=True)
    assert [action for _name, action in actions(result)] == ["created", "created"]
    result = run(modules=modules, assumed_devices=["ESA1", "esa2"])
    assert [action for _name, action in actions(result)] == ["failed", "failed"]
    assert iroh.writes == []


def test_a_device_that_is_not_registered(run, iroh):
    iroh.device("esa1", "Pending")
    result = run(name="ESA 1", device="esa1")
    assert 'has the status "Pending"' in result["msg"]
    assert "Cloud Services" in result["msg"]
    assert "https://admin.eu.sse.itd.cisco.com" in result["msg"]
    assert "is not in SSE" in run(name="ESA 1", device="esa9")["msg"]
    assert iroh.writes == []


def test_two_modules_or_devices_of_one_name(run, iroh, esa1):
    ids = [iroh.instance("ESA 1", device)["id"] for device in (esa1["id"], esa1["id"], "another")]
    for state in ("present", "absent"):
        result = run(name="ESA 1", device="esa1" if state == "present" else None, state=state)
        assert all(one in result["msg"] for one in ids)
    ids = [iroh.device("twin")["id"] for _time in range(2)]
    result = run(name="T", device="twin")
    assert all(one in result["msg"] for one in ids)
    assert iroh.writes == []


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"name": "A"},
        {"name": " ", "device": "a"},
        {"name": "A", "device": "a", "request_timeframe_days": 0},
        {"name": "A", "device": "a", "request_timeframe_days": 366},
        {"name": "A", "modules": []},
        {"id": "1", "modules": []},
        {"device": "a"},
        {"id": "1", "name": "A", "device": "a"},
        {"device": " ", "state": "absent"},
        {"modules": [{"product": "esa"}], "state": "absent"},
        {"modules": [{"device": "a"}, {"device": "A"}], "state": "absent"},
        {"modules": [{"id": "1"}, {"id": "1", "name": "A"}], "state": "absent"},
        {"name": "A", "device": "a", "known_devices": [{"id": "1", "name": "a"}]},
        {"name": "A", "device": "a", "known_devices": [{"id": "1", "name": "a", "status": "x", "region": "apjc"}]},
        {"modules": [{"name": "A", "device": "a"}, {"name": "A", "device": "b"}]},
        {"modules": [{"name": "A", "device": "a"}, {"name": "B", "device": "a"}]},
        {"modules": [{"device": "a"}]},
    ],
)
def test_contradictory_options_are_refused(run, iroh, args):
    assert run(**args)["failed"]
    assert iroh.calls == []


def test_one_device_under_its_name_and_its_id(run, iroh, esa1):
    result = run(modules=[{"name": "A", "device": "esa1"}, {"name": "B", "device": esa1["id"]}])
    assert actions(result) == [("A", "created"), ("B", "failed")]


def test_other_items_are_processed_after_a_refusal(run, iroh, esa1):
    iroh.device("esa2")
    iroh.trick("POST", INSTANCES, status=422, body={"error": "invalid_request", "trace_id": "t3"})
    result = run(modules=[{"name": "A", "device": "esa1"}, {"name": "B", "device": "esa2"}])
    assert actions(result) == [("A", "failed"), ("B", "created")]
    assert result["msg"].startswith("1 of 2 modules failed: A: answered 422: invalid_request")
    assert result["trace_id"] == "t3"
    assert result["changed"]


def test_a_failure_for_all_stops(run, iroh, esa1):
    iroh.device("esa2")
    iroh.trick("POST", INSTANCES, status=403, body={"error": "missing_scope"})
    result = run(modules=[{"name": "A", "device": "esa1"}, {"name": "B", "device": "esa2"}])
    assert actions(result) == [("A", "failed"), ("B", "failed")]
    assert len(iroh.writes) == 1
    assert '"integration"' in result["fix"]


@pytest.mark.parametrize(
    "how", [{"drops": True}, {"drops": True, "acts": True}, {"status": 503}, {"status": 502, "acts": True}]
)
def test_a_lost_answer_is_followed_by_a_read(run, iroh, esa1, how):
    iroh.trick("POST", INSTANCES, **how)
    result = run(name="ESA 1", device="esa1")
    assert actions(result) == [("ESA 1", "created")]
    assert result["modules"][0]["id"] == iroh.instances[0]["id"]
    assert len(iroh.instances) == 1
    assert iroh.requests[5] == f"GET {INSTANCES}"
    assert len(iroh.writes) == (1 if how.get("acts") else 2)


@pytest.mark.parametrize("how", [{"drops": True}, {"drops": True, "acts": True}])
def test_a_lost_deletion_is_retried(run, iroh, esa1, how):
    iroh.instance("ESA 1", esa1["id"])
    iroh.trick("DELETE", INSTANCES + "/.*", **how)
    assert actions(run(name="ESA 1", state="absent")) == [("ESA 1", "deleted")]
    assert iroh.instances == []


def test_absent(run, iroh, esa1):
    iroh.instance("ESA 1", esa1["id"])
    other = iroh.instance("other", esa1["id"])
    predicted = run(name="ESA 1", state="absent", check=True)
    assert iroh.writes == []
    result = run(name="ESA 1", state="absent")
    assert actions(predicted) == actions(result) == [("ESA 1", "deleted")]
    assert predicted["diff"] == result["diff"]
    assert result["diff"]["after"] == {"ESA 1": None}
    assert iroh.instances == [other]
    assert f"GET {DEVICES}" not in iroh.requests
    again = run(name="ESA 1", state="absent")
    assert (actions(again), again["changed"]) == ([("ESA 1", "none")], False)


def test_absent_with_a_device(run, iroh, esa1):
    esa2 = iroh.device("esa2")
    iroh.instance("A", esa1["id"])
    iroh.instance("A", esa2["id"])
    assert run(name="A", state="absent")["failed"]
    assert actions(run(name="A", device="esa2", state="absent")) == [("A", "deleted")]
    assert actions(run(name="A", device=esa2["id"], state="absent")) == [("A", "none")]
    iroh.devices.remove(esa1)
    assert actions(run(name="A", device="esa1", state="absent")) == [("A", "deleted")]


def test_module_types_by_their_other_names(run, iroh, esa1):
    iroh.types[0].update(title="Cisco Secure Email", default_name="Secure Email Gateway")
    assert run(name="A", device="esa1", check=True)["module_types"][0]["id"] == "type-esa"
    assert run(name="A", device="esa1", check=True, module_types={"esa": {"title": "cisco secure EMAIL"}})["changed"]
    assert (
        run(name="A", device="esa1", check=True, module_types={"esa": {"id": "type-web"}})["module_types"][0]["id"]
        == "type-web"
    )


def test_a_missing_or_duplicate_type_is_refused(run, iroh, esa1):
    result = run(name="A", device="esa1", module_types={"esa": {"id": "nope"}, "sma": {"id": "nope as well"}})
    assert "Secure Web Appliance (type-web)" in result["msg"]
    iroh.types.append({**iroh.types[0], "id": "type-esa-2"})
    result = run(name="A", device="esa1")
    assert "type-esa-2" in result["msg"]
    assert "in module_types.esa (in the role: esa_ctr_regions.europe.esa)" in result["fix"]
    iroh.types.clear()
    assert "EUROPE: no module type" in run(name="A", device="esa1")["msg"]
    assert "existing module types: none" in run(name="A", device="esa1")["msg"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda spec: spec.clear(), "no fields of type device"),
        (lambda spec: spec[1].update(label="Limit"), None),
        (lambda spec: spec[1].update(label="Limit", key="limit"), "no fields of type integer"),
        (lambda spec: spec[2].pop("default_value"), 'mode (string, "Mode")'),
        (lambda spec: spec.append({**spec[0], "key": "second"}), "2 fields of type device"),
    ],
)
def test_types_with_unexpected_fields_are_refused(run, iroh, esa1, change, says):
    iroh.types[0]["configuration_spec"][1]["key"] = "request-timeframe"
    change(iroh.types[0]["configuration_spec"])
    result = run(name="A", device="esa1", check=True)
    assert (says in result["msg"]) if says else result["changed"]


def test_an_instance_without_a_needed_field(run, iroh, esa1):
    iroh.instance("A", esa1["id"]).pop("enabled")
    assert '"enabled"' in run(name="A", device="esa1")["msg"]


def test_one_name_for_modules_of_two_products(run, iroh, esa1):
    iroh.device("sma")
    modules = [{"name": "A", "device": "esa1"}, {"name": "A", "device": "sma", "product": "sma"}]
    modules.append({"name": "B", "device": iroh.device("esa2")["id"]})
    result = run(modules=modules)
    assert [action for _name, action in actions(result)] == ["created"] * 3
    assert list(result["diff"]["after"]) == ["A (esa)", "A (sma)", "B"]


def test_rows_contain_the_module_before_the_task(run, iroh, esa1):
    iroh.instance("ESA 1", esa1["id"], days=7, enabled=False)
    found = {"name": "ESA 1", "device_id": esa1["id"], "request_timeframe_days": 7, "enabled": False}
    iroh.device("esa2", "Pending")
    iroh.instance("ESA 2", "gone", days="x")
    modules = [{"name": "ESA 1", "device": "esa1"}, {"name": "ESA 2", "device": "esa2"}]
    rows = run(modules=modules, check=True)["modules"]
    assert [row["action"] for row in rows] == ["updated", "failed"]
    assert rows[0]["found"] == found
    assert rows[1]["found"] == {
        "name": "ESA 2",
        "device_id": "gone",
        "request_timeframe_days": None,
        "enabled": True,
    }
    rows = run(modules=modules, state="absent", check=True)["modules"]
    assert (rows[0]["action"], rows[0]["found"]) == ("deleted", found)
    run(modules=modules[:1])
    rows = run(name="ESA 1", device="esa1")["modules"]
    assert (rows[0]["action"], rows[0]["found"]) == ("none", {**found, "request_timeframe_days": 30, "enabled": True})


def test_known_devices_are_not_listed_again(run, iroh, esa1, run_module):
    known = run_module(sse_device_facts.main)["ansible_facts"]["sse_devices"]
    iroh.calls.clear()
    assert actions(run(name="ESA 1", device="esa1", known_devices=known)) == [("ESA 1", "created")]
    assert iroh.requests == [LOGIN, f"GET {TYPES}", f"GET {INSTANCES}", f"POST {INSTANCES}", f"GET {INSTANCES}"]
    assert "is not in SSE" in run(name="ESA 2", device="esa2", known_devices=known)["msg"]
    assert "is not in SSE" in run(name="ESA 1", device="esa1", known_devices=[])["msg"]


def test_absent_by_id(run, iroh, esa1):
    one, two = iroh.instance("A", esa1["id"]), iroh.instance("A", "gone")
    sma = iroh.instance("S", "gone", kind=1)
    predicted = run(id=two["id"].upper(), state="absent", check=True)
    assert iroh.writes == []
    iroh.calls.clear()
    done = run(id=two["id"].upper(), state="absent")
    assert actions(predicted) == actions(done) == [("A", "deleted")]
    assert predicted["diff"] == done["diff"]
    assert iroh.instances == [one, sma]
    assert iroh.requests == [LOGIN, f"GET {TYPES}", f"GET {INSTANCES}", f"DELETE {INSTANCES}/{two['id']}"]
    again = run(id=two["id"], state="absent")
    assert ([row["action"] for row in again["modules"]], again["changed"]) == (["none"], False)


def test_an_id_that_does_not_match_is_refused(run, iroh, esa1):
    one, sma = iroh.instance("A", esa1["id"]), iroh.instance("S", "gone", kind=1)
    assert "has the name A, not B" in run(id=one["id"], name="B", state="absent")["msg"]
    assert "does not belong to device esa9" in run(id=one["id"], device="esa9", state="absent")["msg"]
    other = "0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11"
    assert f"does not belong to device {other}" in run(id=one["id"], device=other, state="absent")["msg"]
    result = run(id=sma["id"], state="absent", list_orphans=True)
    assert "has the product sma, not esa" in result["msg"]
    assert iroh.writes == []
    assert actions(run(id=one["id"], name="A", device="esa1", state="absent")) == [("A", "deleted")]


def test_absent_by_device_alone(run, iroh, esa1):
    esa2 = iroh.device("esa2")
    mine = [iroh.instance(name, esa1["id"]) for name in ("A", "A", "B")]
    other = iroh.instance("A", esa2["id"])
    iroh.instance("gone", "0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11")
    modules = [{"device": "ESA1"}, {"device": "0F8A4C52-6a7e-4b13-8d3c-2d5b9a0f7c11"}, {"device": "esa3"}]
    predicted = run(modules=modules, state="absent", check=True)
    assert iroh.writes == []
    done = run(modules=modules, state="absent")
    wanted = [("A", "deleted"), ("A", "deleted"), ("B", "deleted"), ("gone", "deleted"), (None, "none")]
    assert actions(predicted) == actions(done) == wanted
    assert predicted["diff"] == done["diff"]
    assert set(done["diff"]["before"]) == {"A", f"A ({mine[1]['id']})", "B", "gone"}
    assert [row["device_name"] for row in done["modules"]] == ["esa1"] * 3 + [None, "esa3"]
    assert iroh.instances == [other]
    assert not run(modules=modules, state="absent")["changed"]


def test_absent_by_a_name_that_two_devices_have(run, iroh):
    ids = [iroh.device("twin")["id"] for _time in range(2)]
    iroh.instance("A", ids[0])
    result = run(device="twin", state="absent")
    assert all(one in result["msg"] for one in ids)
    assert iroh.writes == []
    assert actions(run(device=ids[0], state="absent")) == [("A", "deleted")]


def test_a_module_selected_in_two_ways_is_deleted_once(run, iroh, esa1):
    one = iroh.instance("A", esa1["id"])
    modules = [{"id": one["id"]}, {"name": "A"}, {"device": "esa1"}]
    for check in (True, False):
        result = run(modules=modules, state="absent", check=check)
        assert [row["action"] for row in result["modules"]] == ["deleted", "none", "none"]
    assert len(iroh.writes) == 1


def test_a_device_id_does_not_match_a_missing_device(run, iroh):
    iroh.instance("A", "0f8a4c52-6a7e-4b13-8d3c-2d5b9a0f7c11")
    other = "5c0f8b1e-3f0b-4a63-9f2c-5a2b7d9e4c10"
    assert actions(run(name="A", device=other, state="absent")) == [("A", "none")]


def test_orphans_and_duplicates_of_both_products(run, iroh, esa1):
    sma = iroh.device("sma", type="SMA")
    gone = iroh.instance("gone", "no-such-device")
    bare = iroh.instance("bare", "")
    other = iroh.instance("S gone", "no-such-device", kind=1)
    iroh.instance("web", "no-such-device", kind=2)
    twins = [iroh.instance(name, esa1["id"]) for name in ("one", "two")]
    iroh.instance("S", sma["id"], kind=1)
    iroh.instance("S of the ESA", esa1["id"], kind=1)
    result = run(modules=[], list_orphans=True)
    assert iroh.requests == [LOGIN, f"GET {TYPES}", f"GET {INSTANCES}", f"GET {INSTANCES}", f"GET {DEVICES}"]
    assert not result["changed"]
    assert result["orphans"] == [
        {"id": gone["id"], "name": "gone", "product": "esa", "device_id": "no-such-device"},
        {"id": bare["id"], "name": "bare", "product": "esa", "device_id": None},
        {"id": other["id"], "name": "S gone", "product": "sma", "device_id": "no-such-device"},
    ]
    assert result["duplicates"] == [
        {
            "device_id": esa1["id"],
            "device_name": "esa1",
            "product": "esa",
            "modules": [{"id": one["id"], "name": one["name"]} for one in twins],
        }
    ]
    removed = run(modules=result["orphans"], state="absent", list_orphans=True)
    assert {row["action"] for row in removed["modules"]} == {"deleted"}
    assert removed["orphans"] == []
    assert [one["name"] for one in iroh.instances] == ["web", "one", "two", "S", "S of the ESA"]


def test_orphans_are_listed_after_the_task(run, iroh, esa1):
    iroh.instance("ESA 1", "old-id")
    iroh.instance("ESA 2", "old-id")
    iroh.instance("old", "older-id")
    modules = [{"name": "ESA 1", "device": "esa1"}, {"name": "ESA 2", "device": "esa2"}]
    task = {"modules": modules, "list_orphans": True}
    predicted = run(**task, assumed_devices=["esa2"], check=True)
    assert [one["name"] for one in predicted["orphans"]] == ["old"]
    iroh.device("esa2")
    assert run(**task)["orphans"] == predicted["orphans"]
    known = [{"id": esa1["id"], "name": "esa1", "status": "Registered"}]
    iroh.calls.clear()
    result = run(**task, known_devices=known, check=True)
    assert [one["name"] for one in result["orphans"]] == ["ESA 2", "old"]
    assert f"GET {DEVICES}" not in iroh.requests


def test_without_list_orphans_nothing_is_read_for_them(run, iroh):
    result = run(modules=[])
    assert (result["orphans"], result["duplicates"], iroh.calls) == (None, None, [])
    iroh.instance("gone", "no-such-device")
    assert run(name="A", state="absent")["orphans"] is None


def test_a_tenant_without_an_unrequested_type(run, iroh, esa1, warned):
    iroh.instance("gone", "no-such-device")
    del iroh.types[1]
    result = run(modules=[], list_orphans=True)
    assert [one["name"] for one in result["orphans"]] == ["gone"]
    assert [one["product"] for one in result["module_types"]] == ["esa"]
    assert warned == []
    assert "EUROPE: no module type" in run(name="S", device="esa1", product="sma", list_orphans=True)["msg"]


def test_an_unrequested_type_with_unexpected_fields_is_a_warning(run, iroh, esa1, warned):
    iroh.types.append({**iroh.types[1], "id": "type-sma-2"})
    result = run(modules=[], list_orphans=True)
    assert result["orphans"] == []
    assert len(warned) == 1
    assert "modules of the product sma were not read" in warned[0]
    assert "type-sma-2" in warned[0]


def test_a_type_that_is_named_counts_once(run, iroh, esa1):
    iroh.instance("gone", "no-such-device", kind=1)
    result = run(modules=[], list_orphans=True, module_types={"esa": {"id": "type-sma"}})
    assert [(one["product"], one["id"]) for one in result["module_types"]] == [("esa", "type-sma")]
    assert len(result["orphans"]) == 1
    for product in ("esa", "sma"):
        result = run(modules=[], list_orphans=True, module_types={product: {"id": "nope"}})
        assert f"esa_ctr_regions.europe.{product}" in result["fix"], "also without a module of the product"


def test_the_types_of_both_products_are_named_in_one_task(run, iroh, esa1):
    iroh.device("sma1")
    for one in iroh.types[:2]:
        one.update(title=f"odd {one['id']}", default_name="odd", former_title=None)
    modules = [{"name": "A", "device": "esa1"}, {"name": "S", "device": "sma1", "product": "sma"}]
    assert "EUROPE: no module type" in run(modules=modules)["msg"]
    result = run(modules=modules, module_types={"esa": {"id": "type-esa"}, "sma": {"title": "odd type-sma"}})
    assert [(one["product"], one["id"]) for one in result["module_types"]] == [("esa", "type-esa"), ("sma", "type-sma")]
    assert [one["module_type_id"] for one in iroh.instances] == ["type-esa", "type-sma"]


@pytest.mark.parametrize("given", [None, {}, {"esa": {}}, {"esa": None}, {"esa": {"id": ""}}])
def test_a_type_that_is_not_named_is_found_by_its_title(run, iroh, esa1, given):
    assert run(name="A", device="esa1", module_types=given)["module_types"][0]["id"] == "type-esa"


def test_a_type_is_named_in_one_way(run, iroh, esa1):
    assert run(name="A", device="esa1", module_types={"esa": {"id": "x", "title": "y"}})["failed"]
    assert iroh.calls == []


@pytest.fixture
def no_sse(iroh):
    """The API client lacks the scope sse."""
    body = {"error": "missing_scope", "error_description": "sse", "trace_id": "t1"}
    iroh.trick("GET", DEVICES, status=403, body=body, times=99)


@pytest.mark.parametrize("check", [True, False])
def test_without_the_scope_sse_the_manual_steps_are_returned(run, iroh, no_sse, warned, check):
    modules = [
        {"name": "ESA 1", "device": "esa1", "request_timeframe_days": 60},
        {"name": "ESA 2", "device": "esa2", "enabled": False},
    ]
    result = run(modules=modules, assumed_devices=["esa1"], check=check)
    assert not result.get("failed")
    assert not result["changed"]
    assert iroh.writes == []
    assert actions(result) == [("ESA 1", "by_hand"), ("ESA 2", "by_hand")]
    first, second = result["modules"]
    assert first["by_hand"] == (
        'The API client lacks the scope "sse", so the id of device esa1 in EUROPE is unknown. In the portal of EUROPE, '
        "open Modules > Add New Module > Secure Email Gateway, and enter: "
        'Module Name "ESA 1", Registered Device "esa1", Request Timeframe (days) 60.'
    )
    assert (first["error"], first["found"], first["id"], first["device_name"]) == (None, None, None, "esa1")
    assert second["by_hand"].endswith("Request Timeframe (days) 30. Then disable the module.")
    assert len(warned) == 1
    assert "missing_scope" in warned[0]
    assert iroh.requests.count(f"GET {DEVICES}") == 1


def test_without_the_scope_sse_a_module_keeps_its_device(run, iroh, no_sse):
    same, other = iroh.instance("same", "dev-1"), iroh.instance("other", "dev-2", days=7)
    for device in ("dev-3", "dev-4"):
        iroh.instance("twin", device)
    modules = [{"name": name, "device": f"of {name}"} for name in ("same", "other", "twin", "new")]
    predicted = run(modules=modules, check=True)
    assert iroh.writes == []
    done = run(modules=modules)
    assert actions(predicted) == actions(done)
    assert actions(done) == [("same", "none"), ("other", "updated"), ("twin", "failed"), ("new", "by_hand")]
    assert predicted["diff"] == done["diff"]
    assert done["msg"].startswith("1 of 4 modules failed: twin")
    assert iroh.writes == [f"PATCH {INSTANCES}/{other['id']}"]
    assert other["settings"]["custom_SSE_DEVICE"] == "dev-2"
    assert other["settings"]["custom_DAYS"] == 30
    assert done["modules"][0]["found"]["device_id"] == done["modules"][0]["device_id"] == "dev-1"
    assert same["settings"]["custom_DAYS"] == 30


def test_without_the_scope_sse_a_device_id_is_sufficient(run, iroh, esa1, no_sse):
    assert actions(run(name="A", device=esa1["id"])) == [("A", "created")]
    assert iroh.instances[0]["settings"]["custom_SSE_DEVICE"] == esa1["id"]
    iroh.instances[0]["settings"]["custom_SSE_DEVICE"] = "dev-1"
    assert actions(run(name="B", device="DEV-1")) == [("B", "updated")]
    assert actions(run(device="dev-1", state="absent")) == [("B", "deleted")]


def test_without_the_scope_sse_no_uncertain_module_is_removed(run, iroh, no_sse):
    one = iroh.instance("A", "dev-1")
    modules = [{"name": "A", "device": "esa1"}, {"name": "B", "device": "esa2"}, {"device": "esa3"}]
    modules.append({"id": one["id"], "device": "esa1"})
    for check in (True, False):
        result = run(modules=modules, state="absent", check=check)
        assert [row["action"] for row in result["modules"]] == ["by_hand", "none", "by_hand", "by_hand"]
        assert not result.get("failed")
    assert iroh.writes == []
    texts = [row["by_hand"] for row in result["modules"]]
    assert texts[0].endswith('Modules, and remove the module "A", if its Registered Device is "esa1".')
    assert texts[2].endswith('Modules, and remove the modules whose Registered Device is "esa3".')
    assert actions(run(name="A", state="absent")) == [("A", "deleted")]


def test_without_the_scope_sse_orphans_are_not_known(run, iroh, no_sse):
    for name in ("a", "b"):
        iroh.instance(name, "dev-1")
    result = run(modules=[], list_orphans=True)
    assert result["orphans"] is None
    assert result["duplicates"][0]["device_name"] is None
    assert not result.get("failed")


@pytest.mark.parametrize("how", [{"status": 401}, {"status": 404}, {"status": 500}, {"status": 403, "body": b"<html>"}])
def test_devices_that_cannot_be_read_for_another_reason_fail_the_task(run, iroh, how):
    iroh.trick("GET", DEVICES, times=9, **how)
    result = run(name="A", device="esa1", retry_budget=0)
    assert result["failed"]
    assert "modules" not in result
    assert iroh.writes == []
