"""Knows whose key signs, and until when, from what was recorded about identities. Pure: facts in, holders out."""

from dataclasses import dataclass
from datetime import datetime

from contracts.identity import IdentityChanged, IdentityKind
from contracts.subjects import Origin

_REPORTING = frozenset({IdentityKind.UNIT, IdentityKind.DESK})


@dataclass(frozen=True, slots=True)
class _Held:
    """Whose one key is, or was."""

    by: Origin
    until: datetime | None = None


class Signers:
    """The keys of units and desks, also those that have ended."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._enrolled: set[Origin] = set()

    def learn(self, change: IdentityChanged) -> None:
        """What was recorded next."""
        who = change.identity
        if who.kind not in _REPORTING or who.agency is None:
            return
        holder = Origin(who.agency, who.point)
        if change.previous:
            self._held[change.previous] = _Held(holder, change.changed_at)
        if change.key:
            self._held[change.key] = _Held(holder)
            self._enrolled.add(holder)
        else:
            self._enrolled.discard(holder)

    def can_sign(self, origin: Origin) -> bool:
        """Whether this unit or desk has a key on record."""
        return origin in self._enrolled

    def holder(self, key: str, at: datetime) -> Origin | None:
        """Who held this key when the hub received what it signed; None for a key that is nobody's or had ended.

        When it was signed nobody can prove, so a key that is lost must sign nothing any more, whatever date it names.
        """
        held = self._held.get(key)
        return held.by if held and (held.until is None or at < held.until) else None
