"""A report about a period that nothing asked for opens no incident, and still reaches its readers, both ways, once."""

from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Event
from contracts.events import ReportAccepted
from contracts.reporting import CopyChannel, PeriodReportCopied
from services.routing.reporting.regime.filing import Filing
from services.routing.reporting.regime.unasked import unasked
from tests.unit.reporting.reports import accepted
from tests.unit.reporting.small import ABOVE, DUE, INDEX, ONE, REPORTING, WINDOW, Machine, demand


def copies(event: Event[ReportAccepted], machine: Machine | None = None) -> list[Event[PeriodReportCopied]]:
    """What follows beside what the machine finds."""
    held = machine.held.values() if machine else ()
    found = machine.report(event) if machine else []
    return list(unasked(Filing(event, REPORTING, INDEX), tuple(held), found))


def test_it_goes_across_and_up_and_the_note_for_the_service_goes_up_only() -> None:
    """Breaks if a report that came before anybody switched a calendar on were read by nobody."""
    across, up = copies(accepted(ONE, 2, window=WINDOW, service_note="Riêng ngành dọc"))

    assert (across.data.channel, across.data.to.agency) == (CopyChannel.HORIZONTAL, "ubnd-x-mot")
    assert (up.data.channel, up.data.to.agency) == (CopyChannel.VERTICAL, ABOVE)
    assert (across.data.service_note, up.data.service_note) == (None, "Riêng ngành dọc")
    assert (across.data.obligation, across.data.counts[0].value) == (None, 2)
    assert [event.id for event in copies(accepted(ONE, 2, window=WINDOW))] != [across.id, up.id]


def test_the_same_report_again_gives_the_same_bytes() -> None:
    event = accepted(ONE, 2, window=WINDOW)
    assert [one.to_bytes() for one in copies(event)] == [one.to_bytes() for one in copies(event)]


def test_what_meets_something_owed_is_copied_by_that_alone_also_when_delivered_again() -> None:
    """Breaks if readers got two papers about one report."""
    machine, event = Machine().opened(demand("m")), accepted(ONE, 2, window=WINDOW)

    assert copies(event, machine) == []
    assert copies(event, machine) == []


def test_a_second_report_about_a_period_that_was_met_still_reaches_its_readers() -> None:
    machine = Machine().opened(demand("m"))
    machine.report(accepted(ONE, 2, window=WINDOW))
    assert len(copies(accepted(ONE, 3, window=WINDOW), machine)) == 2


def test_one_that_names_an_incident_is_that_incidents() -> None:
    assert copies(accepted(ONE, 2, window=WINDOW, incident=str(UUID(int=7)))) == []


def test_where_no_reader_is_above_or_beside_its_own_desk_has_it() -> None:
    (own,) = copies(accepted("ubnd-t", 2, window=WINDOW))
    assert (own.data.to.agency, own.data.channel) == ("ubnd-t", CopyChannel.VERTICAL)


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_a_change_says_which_report_it_changes(kind: str) -> None:
    first = accepted(ONE, 2, window=WINDOW)
    changes: dict[str, Any] = {"msg_type": kind, "references": [str(first.data.report.report)]}
    across, _ = copies(accepted(ONE, at=DUE, window=WINDOW, **changes))

    assert across.data.replaces == first.data.report.report
    assert across.data.withdrawn is (kind == "Cancel")
