"""Who asks over HTTP, as every page and interface knows them: a duty role, its unit or desk, one session."""

from dataclasses import dataclass

from contracts.access import Holder, Role
from contracts.subjects import Origin

__all__ = ["Role", "Visitor"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody the guard let in."""

    role: Role
    origin: Origin | None
    """Agency and unit, or agency and desk; nobody else has one."""
    name: str
    """The duty role's name, such as `Trực ban 1`."""
    session: str
    """The id under which it can be ended; empty where a trusted proxy vouches for each request."""

    @classmethod
    def of(cls, holder: Holder, session: str) -> "Visitor":
        """The holder, in one session."""
        return cls(holder.role, holder.origin, holder.name, session)

    @property
    def holder(self) -> Holder:
        """The same without the session. Raises `ValueError` for a role whose unit or desk is missing."""
        agency, point = self.origin or (None, None)
        return Holder(role=self.role, agency=agency, point=point, name=self.name)
