"""Takes personal values out of what was read and puts salted commitments in their place; the keys are arguments.

The same submission gives the same salts, so a redelivery yields the same bytes. A salt is derived from the key of the
day the hub received the submission, and that key is destroyed after some days: from then on nobody can derive it again,
and a value whose vault key is destroyed too cannot even be guessed.
"""

import base64
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, assert_never

from contracts import subjects
from contracts.canonical import content_digest
from contracts.codes import space_of
from contracts.personal import Opening, Sealed
from contracts.problems import Problem
from contracts.reports import IncidentReport, SituationReport
from contracts.signatures import ReportSignature
from contracts.subjects import Origin
from services.intake.formats.drafts import Reading, ReportDraft, Unreadable

ORIGINAL: Final = "original"
SIGNATURE: Final = "signature"


def seal(part: Reading, origin: Origin, keys: Sequence[bytes]) -> Reading:
    """The part without any personal value in clear. `keys`: that of the day it was received first, then earlier ones.

    Its content digest is also given under the earlier keys, for the same report may have been recorded on another day.
    """
    match part:
        case ReportDraft():
            return _sealed(part, origin, keys)
        case Unreadable():
            return replace(part, withheld=None, refused_as=_name(part.withheld, origin, keys))
        case _ as never:
            assert_never(never)


def needs_keys(part: Reading) -> bool:
    """Whether anything of the part is to be sealed."""
    return part.withheld is not None


def _sealed(draft: ReportDraft, origin: Origin, keys: Sequence[bytes]) -> ReportDraft:
    if draft.withheld is None and draft.report.personal is None:
        return draft
    plain = draft.report.model_copy(update={"personal": None})
    if draft.withheld is None:
        return replace(draft, report=plain)
    sealed = [tuple(_openings(draft, origin, key)) for key in keys]
    return replace(
        draft,
        report=plain,
        withheld=None,
        openings=sealed[0],
        contents=tuple(_content(plain, tuple(one.sealed for one in openings)) for openings in sealed),
        refused_as=_name(draft.withheld, origin, keys),
        signature=_without_value(draft.signature),
    )


def _openings(draft: ReportDraft, origin: Origin, key: bytes) -> Iterator[Opening]:
    """Every value in its order, then the bytes they came in and their signature; none for what cannot be recorded."""
    if (space := space_of(draft.report.status)) is None or draft.withheld is None:
        return
    subject = subjects.report(space, origin, draft.report.report)
    for position, value in enumerate(draft.report.personal or ()):
        yield Opening(kind=value.kind, salt=_derived(key, "salt", subject, str(position)), value=value.value)
    content = base64.b64encode(draft.withheld).decode()
    yield Opening(kind="original", salt=_derived(key, "salt", subject, ORIGINAL), value=content)
    if isinstance(draft.signature, ReportSignature) and draft.signature.value is not None:
        salt = _derived(key, "salt", subject, SIGNATURE)
        yield Opening(kind="signature", salt=salt, value=draft.signature.value)


def _without_value(signature: ReportSignature | Problem | None) -> ReportSignature | Problem | None:
    """A true signature in clear would tell whether a guess of the values it is over is right."""
    return signature.model_copy(update={"value": None}) if isinstance(signature, ReportSignature) else signature


def _content(report: IncidentReport | SituationReport, sealed: Sequence[Sealed]) -> str:
    """The bytes it came in do not count, as everywhere: other spacing is no other content. Nor does a signature."""
    values = [one.model_dump(mode="json") for one in sealed if one.kind not in (ORIGINAL, SIGNATURE)]
    return content_digest(report.model_dump(mode="json") | {"personal": values or None})


def _name(body: bytes | None, origin: Origin, keys: Sequence[bytes]) -> str | None:
    """What names refused bytes that may hold personal values: the same for the same bytes on the same day."""
    return None if body is None else _derived(keys[0], "refused", *origin, body)


def _derived(key: bytes, *parts: str | bytes) -> str:
    """HMAC-SHA256 over the parts, each but the last ended by U+001F, which no subject and no token may contain."""
    told = b"\x1f".join(part.encode() if isinstance(part, str) else part for part in parts)
    return hmac.digest(key, told, "sha256").hex()
