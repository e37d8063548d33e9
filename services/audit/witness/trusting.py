"""Shows a witness a log's change of keys: recorded beside its states, or refused and shouted; `succession` decides."""

from pathlib import Path

from services.audit.notary.alarms import Alarm, shout
from services.audit.tlog.notes import Note
from services.audit.tlog.succession import Believed, Disputed, NotBelieved, Objection, succeed
from services.audit.tlog.witnessing import Logs
from services.audit.witness.states import States


def take_rotation(states: States, logs: Logs, alarms: Path, note: Note) -> Believed | Disputed | NotBelieved:
    """What became of it; a witness that runs on these states heeds it from the next request on.

    Raises `WitnessStateError`.
    """
    origin = note.text.partition("\n")[0]
    if origin not in logs:
        return NotBelieved(Objection.STRANGER)
    while True:  # ends: each time the state was another one, another request was answered
        seen = states.read(origin)
        known = states.rotations(origin)
        outcome = succeed(note, logs[origin], known, seen)
        if isinstance(outcome, NotBelieved):
            if outcome.is_contradiction and seen:
                _shout(alarms, origin, outcome.objection, note, seen.note)
            return outcome
        if states.believe(origin, seen, note):
            if isinstance(outcome, Disputed):
                _shout(alarms, origin, "two successors", note, *known)
            return outcome


def _shout(alarms: Path, origin: str, said: str, shown: Note, *others: Note) -> None:
    known = "\n".join(other.to_bytes().decode() for other in others)
    shout(alarms, Alarm.KEYS_DISPUTED, f"{origin}: {said}", {"shown": shown.to_bytes().decode(), "known": known})
