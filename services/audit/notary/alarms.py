"""Shouts when a ledger's history contradicts itself: a log record, a counter and a file with the evidence."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from contracts.canonical import sha256_hex
from services.audit.notary.anchor_folder import appear
from services.runtime.logs import logger
from services.runtime.telemetry import LEDGER_ALARMS


class Alarm(StrEnum):
    """What was found."""

    NOT_SIGNED = "not_signed"
    """The ledger does not contain what was signed before, or contradicts itself."""
    BUCKET_CONTRADICTS = "bucket_contradicts"
    """The bucket on NATS holds a checkpoint that this one cannot follow."""
    WITNESS_CONTRADICTS = "witness_contradicts"
    """A witness has cosigned another history of this log."""
    WITNESS_AHEAD = "witness_ahead"
    """A witness has cosigned a larger tree than the log has now."""
    SPLIT_VIEW = "split_view"
    """A log showed this witness two roots for one size."""
    IMPOSSIBLE = "impossible"
    NOT_AN_EXTENSION = "not_an_extension"
    """A log signed a tree that does not contain what this witness cosigned, or the proof was wrong."""
    KEY_RETIRED = "key_retired"
    """A checkpoint was signed with a key that had announced its successor."""
    KEYS_DISPUTED = "keys_disputed"
    """A key of a log announced two successors, or one that does not fit what it signed."""


def shout(folder: Path, alarm: Alarm, said: str, evidence: Mapping[str, str]) -> Path:
    """Tell it, and keep the evidence in a file, once however often the same is found; the file."""
    LEDGER_ALARMS.labels(alarm.value).inc()
    parts = (f"{name}:\n{text}\n" for name, text in evidence.items())
    content = "\n".join((f"{alarm.value}: {said}\n", *parts)).encode()
    path = folder / f"{alarm.value}-{sha256_hex(content)[:16]}.txt"
    logger().error("ledger_alarm", alarm=alarm.value, said=said, evidence=str(path))
    folder.mkdir(parents=True, exist_ok=True)
    appear(path, content, 0o644)
    return path
