# Copyright (c) 2026, the emailsec.ctr contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ctr_module as Ansible runs it, against a real HTTPS server."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.emailsec.ctr.plugins.modules import ctr_module

TYPES = "/iroh/iroh-int/module-type"
INSTANCES = "/iroh/iroh-int/module-instance"
DEVICES = "/iroh/iroh-sse/device"


@pytest.fixture
def run(run_module):
    def run(**args):
        return run_module(ctr_module.main, **args)

    return run


@pytest.fixture
def esa1(iroh):
    return iroh.device("esa1")


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
        }
    ]
    assert result["module_types"] == [{"product": "esa", "id": "type-esa", "title": "Secure Email Gateway"}]
    assert iroh.requests == [
        "POST /iroh/oauth2/token",
        f"GET {TYPES}",
        f"GET {INSTANCES}",
        f"GET {DEVICES}",
        f"POST {INSTANCES}",
    ]


def test_again_changes_nothing(run, iroh, esa1):
    run(name="ESA 1", device="esa1")
    before = copy.deepcopy(iroh.instances)
    result = run(name="ESA 1", device=esa1["id"])
    assert actions(result) == [("ESA 1", "none")]
    assert not result["changed"]
    assert len(iroh.writes) == 1
    assert iroh.instances == before


def test_a_timeframe_in_text_is_the_same_number(run, iroh, esa1):
    iroh.instance("ESA 1", esa1["id"], days="30")
    assert not run(name="ESA 1", device="esa1")["changed"]


@pytest.mark.parametrize("args", [{"request_timeframe_days": 60}, {"enabled": False}, {"device": "esa2"}])
def test_what_differs_is_patched_and_all_else_kept(run, iroh, esa1, args):
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


def test_names_exchanged_are_not_taken_for_renaming(run, iroh, esa1):
    esa2 = iroh.device("esa2")
    one, two = iroh.instance("one", esa2["id"]), iroh.instance("two", esa1["id"])
    run(modules=[{"name": "one", "device": "esa1"}, {"name": "two", "device": "esa2"}])
    assert one["settings"]["custom_SSE_DEVICE"] == esa1["id"]
    assert two["settings"]["custom_SSE_DEVICE"] == esa2["id"]
    assert len(iroh.instances) == 2


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
    assert len(iroh.requests) == 1 + 1 + 2 + 1 + 31
    calls = len(iroh.requests)
    assert not run(modules=modules, request_timeframe_days=90)["changed"]
    assert len(iroh.requests) == calls + 5


def test_check_mode_says_what_a_run_does(run, iroh, esa1):
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
    ids = [iroh.instance("ESA 1", esa1["id"])["id"] for _time in range(2)]
    result = run(name="ESA 1", device="esa1")
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
        {"modules": [{"name": "A", "device": "a"}, {"name": "A", "device": "b"}]},
        {"modules": [{"name": "A", "device": "a"}, {"name": "B", "device": "a"}]},
        {"modules": [{"device": "a"}]},
        {
            "modules": [{"name": "A", "device": "a"}, {"name": "B", "device": "b", "product": "sma"}],
            "module_type_id": "type-esa",
        },
    ],
)
def test_options_that_make_no_sense(run, iroh, args):
    assert run(**args)["failed"]
    assert iroh.calls == []


def test_one_device_under_its_name_and_its_id(run, iroh, esa1):
    result = run(modules=[{"name": "A", "device": "esa1"}, {"name": "B", "device": esa1["id"]}])
    assert actions(result) == [("A", "created"), ("B", "failed")]


def test_one_refusal_does_not_keep_the_others(run, iroh, esa1):
    iroh.device("esa2")
    iroh.trick("POST", INSTANCES, status=422, body={"error": "invalid_request", "trace_id": "t3"})
    result = run(modules=[{"name": "A", "device": "esa1"}, {"name": "B", "device": "esa2"}])
    assert actions(result) == [("A", "failed"), ("B", "created")]
    assert result["msg"].startswith("1 of 2 modules failed: A: POST")
    assert result["trace_id"] == "t3"
    assert result["changed"]


def test_a_failure_for_all_stops(run, iroh, esa1):
    iroh.device("esa2")
    iroh.trick("POST", INSTANCES, status=403, body={"error": "missing_scope"})
    result = run(modules=[{"name": "A", "device": "esa1"}, {"name": "B", "device": "esa2"}])
    assert actions(result) == [("A", "failed"), ("B", "failed")]
    assert len(iroh.writes) == 1
    assert '"integration"' in result["remedy"]


@pytest.mark.parametrize(
    "how", [{"drops": True}, {"drops": True, "acts": True}, {"status": 503}, {"status": 502, "acts": True}]
)
def test_a_lost_answer_looks_first(run, iroh, esa1, how):
    iroh.trick("POST", INSTANCES, **how)
    result = run(name="ESA 1", device="esa1")
    assert actions(result) == [("ESA 1", "created")]
    assert result["modules"][0]["id"] == iroh.instances[0]["id"]
    assert len(iroh.instances) == 1
    assert iroh.requests[5] == f"GET {INSTANCES}"
    assert len(iroh.writes) == (1 if how.get("acts") else 2)


@pytest.mark.parametrize("how", [{"drops": True}, {"drops": True, "acts": True}])
def test_a_lost_deletion_is_done_again(run, iroh, esa1, how):
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
    assert run(name="A", device="esa1", check=True, module_type_title="cisco secure EMAIL")["changed"]
    assert run(name="A", device="esa1", check=True, module_type_id="type-web")["module_types"][0]["id"] == "type-web"


def test_a_type_that_is_not_there_or_there_twice(run, iroh, esa1):
    result = run(name="A", device="esa1", module_type_id="nope")
    assert "Secure Web Appliance (type-web)" in result["msg"]
    iroh.types.append({**iroh.types[0], "id": "type-esa-2"})
    result = run(name="A", device="esa1")
    assert "type-esa-2" in result["msg"]
    assert "module_type_id" in result["remedy"]
    iroh.types.clear()
    assert "there are: none" in run(name="A", device="esa1")["msg"]


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
def test_types_that_are_not_as_expected(run, iroh, esa1, change, says):
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
