"""A witness: answers requests to cosign by the rules of `witnessing`, with its state on disk before each answer.

What a crash loses: an answer, never a state. The log asks again and gets a new cosignature.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.audit.notary.alarms import Alarm, shout
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import Note, WitnessSigner
from services.audit.tlog.witnessing import (
    AddCheckpoint,
    Answer,
    Contradiction,
    Cosign,
    Cosigned,
    Decision,
    Inconsistent,
    Logs,
    Refused,
    Stale,
    alarm,
    answer,
    cosigned,
    decide,
    read_request,
)
from services.audit.witness.states import States
from services.runtime.telemetry import WITNESS_ANSWERS

_ALARMS = {
    Contradiction.SPLIT_VIEW: Alarm.SPLIT_VIEW,
    Contradiction.IMPOSSIBLE: Alarm.IMPOSSIBLE,
    Contradiction.NOT_AN_EXTENSION: Alarm.NOT_AN_EXTENSION,
    Contradiction.KEY_RETIRED: Alarm.KEY_RETIRED,
}


@dataclass(slots=True)
class Witness:
    """One witness for some logs. Threads and processes with the same states may answer at once."""

    signers: Sequence[WitnessSigner]
    logs: Logs
    states: States
    alarms: Path
    """The folder for the evidence of what logs did."""
    now: Callable[[], int]
    """POSIX seconds."""
    contradictions: int = field(default=0, init=False)

    def add(self, body: bytes) -> Answer:
        """The answer to an `add-checkpoint` request. Raises `WitnessStateError`: then nothing may be answered."""
        request = read_request(body)
        given = answer(request if isinstance(request, Refused) else self._judge(request))
        WITNESS_ANSWERS.labels(str(given.status)).inc()
        return given

    def newest(self, origin: str) -> Note | None:
        """The newest checkpoint cosigned for a log, with its signature and ours. Raises `WitnessStateError`."""
        seen = self.states.read(origin) if origin in self.logs else None
        return seen.note if seen else None

    def _judge(self, request: AddCheckpoint) -> Cosigned | Stale | Inconsistent | Refused:
        origin = Checkpoint.of(request.note).origin
        while True:  # ends: another request succeeded each time the state was another one meanwhile
            decision = decide(request, self.states.read(origin), self.logs, self.states.rotations(origin))
            if not isinstance(decision, Cosign):
                self._shout(request, decision)
                return decision
            done = cosigned(decision, self.signers, self.now())
            if self.states.replace(origin, decision.previous, done.seen):
                return done

    def _shout(self, request: AddCheckpoint, decision: Decision) -> None:
        if (contradiction := alarm(decision)) is None:
            return
        self.contradictions += 1
        seen = self.newest(Checkpoint.of(request.note).origin)
        if isinstance(decision, Inconsistent):
            seen = decision.seen.note if decision.seen else None
        evidence = {"cosigned before": seen.to_bytes().decode() if seen else "", "offered": _request_text(request)}
        shout(self.alarms, _ALARMS[contradiction], Checkpoint.of(request.note).origin, evidence)


def _request_text(request: AddCheckpoint) -> str:
    return request.to_bytes().decode()
