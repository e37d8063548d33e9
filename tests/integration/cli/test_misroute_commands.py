"""`phoihop regulations misroutes` on real servers: a desk objects, the owner answers, the case is tried and kept."""

from pathlib import Path
from typing import Any

from contracts.codes import Role
from contracts.events import DispatchIssued
from contracts.identifiers import new_id
from tests.integration.cli.commands import written
from tests.integration.cli.conftest import Phoihop
from tests.integration.cli.test_desk_commands import dispatches, within
from tests.integration.http.hub import Hub
from tests.integration.http.requests_of_units import UNIT, report


def listed(phoihop: Phoihop, *options: str) -> list[dict[str, Any]]:
    return list(phoihop("regulations", "misroutes", "--exercise", "--json", *options).document["misroutes"])


def fire() -> dict[str, Any]:
    """A report that opens an incident of its own."""
    place = {"kind": "words", "text": f"Nhà số {new_id()}"}
    return report(category="FIR-BLDG", headline="Cháy nhà", places=[place], position_unknown=False)


def the_lead(hub: Hub) -> DispatchIssued | None:
    """The dispatch to the lead, once the report is routed."""
    return next((one for one in dispatches(hub) if one.role is Role.LEAD), None)


def test_an_objection_is_answered_and_becomes_a_case(phoihop: Phoihop, hub: Hub, tmp_path: Path) -> None:
    assert listed(phoihop) == []
    assert "Không có phản ánh nào." in phoihop("regulations", "misroutes").out
    phoihop("report", written(tmp_path, fire()), "--as", UNIT)
    issued = within(lambda: the_lead(hub))
    assert issued is not None
    desk, dispatch = f"{issued.addressee.agency}/{issued.addressee.desk}", issued.dispatch
    objection = ("--finding", "not_ours", "--exercise", "--json")
    raised = phoihop("desk", "misroute", desk, dispatch, "Không thuộc địa bàn", *objection)
    assert raised.code == 0, raised.err
    (waits,) = listed(phoihop, "--unanswered")
    assert (waits["desk"], waits["finding"], waits["text"]) == (desk, "not_ours", "Không thuộc địa bàn")
    assert (waits["answer"], waits["late"]) == (None, False)
    assert phoihop("regulations", "misroutes", "--json").document == {"misroutes": []}

    file = tmp_path / "cases.yaml"
    append = ("regulations", "misroutes", waits["item"][:18], "--append", file, "--exercise", "--json")
    assert (phoihop(*append).code, file.exists()) == (2, False)
    answer = ("--answer", "rule_stands", "--exercise", "--json")
    said = phoihop("desk", "answer", waits["owner"], waits["item"], "Quy tắc đúng", *answer)
    assert said.code == 0, said.err
    assert listed(phoihop, "--unanswered") == []
    (done,) = listed(phoihop)
    assert (done["answer"], done["answer_text"], done["late"]) == ("rule_stands", "Quy tắc đúng", False)
    shown = phoihop("regulations", "misroutes", "--exercise", "--lang", "en").out
    assert "not this agency's" in shown
    assert "the rule stands" in shown

    kept = phoihop(*append)
    assert kept.code == 0, kept.err
    assert (kept.document["cases"], kept.document["holds"]) == (1, True)
    tried = phoihop("regulations", "test", file, "--json")
    assert (tried.code, tried.document["passed"]) == (0, 1)
    assert phoihop(*append).code == 2
    assert phoihop("regulations", "misroutes", "no-such-item", "--exercise").code == 2


def test_without_a_server_it_says_so(offline: Phoihop) -> None:
    assert offline("regulations", "misroutes").code == 3
