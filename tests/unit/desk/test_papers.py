"""A desk's papers: each once, acknowledged or not, whatever the order in which its facts come."""

from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.envelope import Event, read
from services.desk.papers import papers

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"


def fact(kind: str) -> Event[Any]:
    return read((GOLDEN / f"{kind}.v1.json").read_bytes())


COPY, REQUEST, DONE = (fact(kind) for kind in ("PeriodReportCopied", "PeriodReportRequested", "PaperAcknowledged"))


def test_papers_are_the_same_in_whatever_order_their_facts_come_and_however_often() -> None:
    for order in permutations((COPY, REQUEST, DONE, COPY)):
        found = {paper.issued.paper: paper for paper in papers(order)}
        assert found.keys() == {COPY.data.paper, REQUEST.data.paper}
        assert found[COPY.data.paper].acknowledged == DONE.time
        assert found[REQUEST.data.paper].acknowledged is None


def test_what_is_printed_says_what_kind_of_paper_it_is_and_what_is_asked() -> None:
    copy, request = (paper.as_json() for paper in papers((COPY, REQUEST)))

    assert (copy["kind"], copy["channel"], copy["service_note"]) == ("copy", "vertical", COPY.data.service_note)
    assert (request["kind"], request["asked"], request["send_by"]) == ("request", 1, "2026-11-22T12:00:00Z")
    assert UUID(str(request["paper"])) == REQUEST.data.paper
