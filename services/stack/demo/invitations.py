"""One-time logins for whoever watches the demonstration, one for each section, offered as an operator offers them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

from contracts.access import Holder, Role
from contracts.decisions import Addressee
from contracts.identity import OPERATOR, Identity, owner
from contracts.reports import Sender
from services.runtime.credentials import key_file
from services.runtime.embedded.local_stack import StackState
from services.runtime.sending import connection
from services.runtime.terminal import Language
from services.stack.demo.names import Names
from services.stack.demo.scenario import Scenario
from services.stack.identity.offering import offer
from services.stack.sections import doors, name_of, start_page

VALID: Final = timedelta(hours=12)
DUTY: Final = "Trực ban 1"
APPROVERS: Final = (("phap-che", "Pháp chế"), ("chanh-van-phong", "Chánh Văn phòng"))
"""Two, for a set of regulations needs two: each a role of the agency whose desk leads first."""


class Invitation(NamedTuple):
    """One way in, good for one time."""

    holder: Holder
    address: str
    """Of the section's sign-in, the code filled in."""


def guests(story: Scenario) -> tuple[Holder, ...]:
    """Who is let in: the first unit, the first desk that leads, the first that is silent, and the hub's own roles."""
    leads = (filing.expect.lead for filing in story.filings if filing.expect.lead)
    silent = (conduct.desk for conduct in story.desks if conduct.acknowledges_after is None)
    desks = dict.fromkeys(desk for desk in (next(leads, None), next(silent, None)) if desk)
    points = [(Role.UNIT, story.filings[0].by), *((Role.OFFICER, desk) for desk in desks)]
    parties = (
        Holder(role=role, agency=agency, point=point, name=DUTY)
        for role, party in points
        for agency, point in [party.split("/")]
    )
    approvers = (
        Holder(role=Role.OWNER, agency=who.agency, point=who.point, name=name)
        for who, (_, name) in zip(owners(story), APPROVERS, strict=True)
    )
    return (*parties, *(Holder(role=role, name=DUTY) for role in (Role.AUDITOR, Role.OPERATOR)), *approvers)


def owners(story: Scenario) -> tuple[Identity, ...]:
    """Who approves regulations in the demonstration."""
    agency = next(filing.expect.lead for filing in story.filings if filing.expect.lead).partition("/")[0]
    return tuple(owner(agency, role) for role, _ in APPROVERS)


async def invite(story: Scenario, stack: StackState, home: Path) -> tuple[Invitation, ...]:
    """Offers each guest a code. Raises `BusUnavailableError`, `JetStreamRefusedError`."""
    addresses = doors(stack)
    async with connection(stack.nats_url, key_file(home, OPERATOR)) as client:
        made = [(holder, await offer(client, holder, VALID, device=False)) for holder in guests(story)]
    return tuple(Invitation(holder, f"{addresses[holder.role]}/sign-in?code={code.code}") for holder, code in made)


def told(stack: StackState, found: Iterable[Invitation], names: Names, language: Language) -> Iterator[str]:
    """What is printed of them."""
    yield language.pick(
        f"[bold]Xem trên trình duyệt:[/] {start_page(stack)}   mỗi địa chỉ dưới đây cho vào một lần",
        f"[bold]Look in a browser:[/] {start_page(stack)}   each address below lets somebody in once",
    )
    for holder, address in found:
        whose = name_of(holder.role, language)
        place = _place(holder, names)
        yield f"  {whose:20} {address}  [dim]{place}[/]"
    yield ""


def _place(holder: Holder, names: Names) -> str:
    if holder.agency is None or holder.point is None:
        return ""
    if holder.role is Role.UNIT:
        return names.sender(Sender(agency=holder.agency, unit=holder.point))
    if holder.role is Role.OWNER:
        return f"{holder.name} ({holder.agency})"
    return names.desk(Addressee(agency=holder.agency, desk=holder.point))
