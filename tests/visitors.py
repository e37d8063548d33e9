"""Signs visitors in for tests of pages: a book of ways in kept in memory, cookies minted with a section's own key."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from contracts.access import SECTIONS, Holder, Offered, Role
from contracts.subjects import Origin
from services.runtime import clock
from services.runtime.web import codes
from services.runtime.web.access import Device, Entry
from services.runtime.web.sections import section_key
from services.runtime.web.settings import WebSettings
from services.runtime.web.tokens import Kind, Tokens
from services.runtime.web.visitor import Visitor

SAME_ORIGIN: Final = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form or a fetch of our own pages."""


@dataclass(slots=True)
class BookInMemory:
    """Ways in without a bus: `offered` by id, and what was `used` and `ended`."""

    offered: dict[str, Offered] = field(default_factory=dict)
    credentials: dict[str, Entry] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    noted: dict[str, Holder] = field(default_factory=dict)

    def offer(self, offered: Offered) -> str:
        """A code for it."""
        code = codes.drawn()
        self.offered[codes.id_of(code) or ""] = offered
        return code

    async def over(self, session: str) -> bool:
        return session in self.ended

    async def enter(self, typed: str, now: datetime, roles: frozenset[Role]) -> Entry | None:
        access = codes.id_of(typed)
        offered = self.offered.get(access or "")
        if access is None or offered is None or offered.holder.role not in roles or offered.expires_at <= now:
            return None
        if access in self.used | self.ended:
            return None
        self.used.add(access)
        return Entry(offered.holder, access)

    async def enrol(self, typed: str, now: datetime, roles: frozenset[Role]) -> Device | None:
        offered = self.offered.get(codes.id_of(typed) or "")
        if offered is None or not offered.device or (entry := await self.enter(typed, now, roles)) is None:
            return None
        self.credentials[f"{entry.session}.secret"] = entry
        return Device(entry.holder, entry.session, f"{entry.session}.secret")

    async def device(self, credential: str) -> Entry | None:
        entry = self.credentials.get(credential)
        return entry if entry is not None and entry.session not in self.ended else None

    async def note(self, holder: Holder, session: str, now: datetime) -> None:  # noqa: ARG002  # the book's way
        self.noted[session] = holder

    async def end(self, session: str, now: datetime, by: str) -> None:  # noqa: ARG002  # the book's way of asking
        self.ended.add(session)


def visitor(role: Role, point: str | None = None, name: str = "Trực ban 1") -> Visitor:
    """Somebody in a fresh session; `point` is AGENCY/UNIT or AGENCY/DESK."""
    origin = Origin(*point.split("/")) if point else None
    return Visitor(role, origin, name, uuid4().hex)


def signed_in(who: Visitor, settings: WebSettings, section: str | None = None) -> dict[str, str]:
    """The cookie of this visitor's session, for `cookies=` of a client.

    `settings` as the process has them: the section's key file under their `home` signs it, and is made where it lacks.
    """
    section = section or SECTIONS[who.role]
    text = Tokens(section, lambda: section_key(settings, section)).mint(
        Kind.SESSION, who, clock.now(), timedelta(hours=1)
    )
    return {f"phoihop-{section}": text}
