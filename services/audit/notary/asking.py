"""Asks witnesses to cosign a checkpoint, over HTTP (c2sp.org/tlog-witness) or NATS; what answers mean is decided in
`cosigning`.
"""

import asyncio
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from nats.aio.client import Client

from contracts import subjects
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosigning import Added, Failed, Failure, GoOnFrom, Outcome, learn
from services.audit.tlog.notes import MalformedNoteError, Note, VerifierKey
from services.audit.tlog.policies import NATS_SCHEME
from services.audit.tlog.witnessing import AddCheckpoint, Answer
from services.runtime.jetstream import BusUnavailableError, request

SECONDS: Final = 5.0
MOST_ANSWER: Final = 64 * 1024
STATUS_HEADER: Final = "Phoihop-Status"
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Witnesses are reached without the proxies that an environment may name: settings alone say where things go."""
_TRIES: Final = 4
"""Stale, told the size, and twice overtaken by another instance of the log."""

Prove = Callable[[int], Awaitable[tuple[bytes, ...]]]
"""The consistency proof from this size to the checkpoint's."""
Ask = Callable[[bytes], Awaitable[Answer]]


class WitnessUnreachableError(Exception):
    """The witness did not answer. Ask again later."""


async def cosignatures(ask: Ask, note: Note, keys: Iterable[VerifierKey], prove: Prove, old: int = 0) -> Outcome:
    """What one witness makes of a checkpoint, asked again from where it says it stands; `old` is where it may stand."""
    size, trusted = Checkpoint.of(note).size, tuple(keys)
    old = min(old, size)
    outcome: Outcome = Failed(Failure.UNREACHABLE)
    for _ in range(_TRIES):
        asked = AddCheckpoint(old, await prove(old), note)
        try:
            outcome = learn(await ask(asked.to_bytes()), asked, trusted)
        except WitnessUnreachableError:
            return Failed(Failure.UNREACHABLE)
        if not isinstance(outcome, GoOnFrom):
            return outcome
        old = outcome.size
    return outcome


def cosigned_by(note: Note, outcomes: Iterable[Outcome]) -> Note:
    """The note with every cosignature that was added."""
    return note.signed(*(line for outcome in outcomes if isinstance(outcome, Added) for line in outcome.signatures))


def asker(address: str, client: Client | None) -> Ask:
    """How a witness at this address is asked. Raises `WitnessUnreachableError` when used without a way to it."""

    async def ask(body: bytes) -> Answer:
        if address.startswith(NATS_SCHEME):
            return await _over_nats(client, subjects.witness(address.removeprefix(NATS_SCHEME)), body)
        return await asyncio.to_thread(_over_http, f"{address.rstrip('/')}/add-checkpoint", body)

    return ask


async def newest_seen(address: str, origin: str, client: Client | None) -> Note | None:
    """The newest checkpoint of a log that a witness of this project shows; None where it never saw the log.

    Raises `WitnessUnreachableError`, also for a witness that has no such reading door: the protocol defines none.
    """
    if address.startswith(NATS_SCHEME):
        name = address.removeprefix(NATS_SCHEME)
        answer = await _over_nats(client, subjects.witnessed(name), origin.encode())
    else:
        url = f"{address.rstrip('/')}/newest/{subjects.checkpoint_key(origin)}"
        answer = await asyncio.to_thread(_over_http, url, None)
    try:
        return Note.parse(answer.body) if answer.status == 200 else None  # noqa: PLR2004 - HTTP's own number
    except MalformedNoteError as error:
        raise WitnessUnreachableError(str(error)) from error


async def _over_nats(client: Client | None, subject: str, body: bytes) -> Answer:
    if client is None:
        raise WitnessUnreachableError("no connection to NATS")
    try:
        answer = await request(client, subject, body)
        headers = answer.headers or {}
        return Answer(int(headers[STATUS_HEADER]), headers.get("Content-Type", ""), answer.data)
    except (BusUnavailableError, KeyError, ValueError) as error:
        raise WitnessUnreachableError(str(error)) from error


def _over_http(url: str, body: bytes | None) -> Answer:
    if not url.startswith(("http://", "https://")):
        raise WitnessUnreachableError(f"{url}: neither http, https nor nats")
    asked = urllib.request.Request(url, data=body, headers={"Content-Type": "text/plain; charset=utf-8"})  # noqa: S310
    try:
        with _DIRECT.open(asked, timeout=SECONDS) as answer:
            return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read(MOST_ANSWER))
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, refused.headers.get("Content-Type", ""), refused.read(MOST_ANSWER))
    except (OSError, ValueError) as error:
        raise WitnessUnreachableError(f"{url}: {error}") from error
