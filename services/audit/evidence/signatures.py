"""Tells which proved reports their senders signed, and by whose key; `verify.py` runs it where it lies beside it.

It needs nothing but Python 3.9 or later. A signature is plain Ed25519 by the nkey under which a unit or desk connects,
over 0xFF, `phoihop report v1`, what it is over, each with a line feed, and then that: the RFC 8785 bytes of the report
(canonical), or the bytes as they came (bytes). Whose key it is, and that it had not ended, is the log's own word.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

Finding = tuple[str, str, str]  # "✓" proved, "✗" false or "–" not proved; in Vietnamese; in English
Check = Callable[[bytes, bytes, bytes], None]  # public key, message, signature; raises ValueError unless it verifies
SMALL, LARGE = 1e-6, 1e21  # between them ECMAScript writes a number without an exponent


def judge(bodies: Iterable[bytes], require_ed25519: Check) -> Iterator[Finding]:
    """One finding for each report among the bodies of entries that are proved."""
    for body in bodies:
        try:
            event = json.loads(body)
            accepted = event["type"].startswith("phoihop.ReportAccepted.") and event["data"]["report"]["report"]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            continue  # no event of ours
        if accepted:
            yield judge_report(str(accepted), event["data"], require_ed25519)


def judge_report(name: str, data: dict[str, Any], require_ed25519: Check) -> Finding:
    """Whether it is signed, and truly."""
    signature = data.get("signature")
    if signature is None:
        return "–", f"Báo cáo {name}: nơi gửi không ký.", f"Report {name}: its sender did not sign it."
    try:
        by = f"{signature['by']['agency']}/{signature['by']['unit']} ({signature['key']})"
        if signature.get("value") is None:
            why = "được niêm phong cùng dữ liệu cá nhân", "sealed with the personal values"
            return "–", f"Báo cáo {name}: chữ ký của {by} {why[0]}.", f"Report {name}: signature of {by} is {why[1]}."
        public = base64.b32decode(signature["key"])[1:33]
        told = base64.b64decode(data["original"]["content"], validate=True)
        require_ed25519(public, signed_text(signature["over"], told), base64.b64decode(signature["value"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "✗", f"Báo cáo {name}: chữ ký SAI.", f"Report {name}: the signature is NOT of what came in."
    return "✓", f"Báo cáo {name}: đúng như đã nhận, {by} ký.", f"Report {name}: what came in is signed by {by}."


def signed_text(over: str, told: bytes) -> bytes:
    """The whole text that a signature is over; raises ValueError."""
    if over not in {"canonical", "bytes"}:
        raise ValueError(over)
    text = canonical(json.loads(told)).encode() if over == "canonical" else told
    return b"\xffphoihop report v1\n" + over.encode() + b"\n" + text


def canonical(value: object) -> str:
    """JSON as RFC 8785 writes it."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(one)}" for name, one in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """A number as ECMAScript writes it (RFC 8785 §3.2.2.3)."""
    written = f"{Decimal(repr(value)):f}" if SMALL <= abs(value) < LARGE else repr(value).replace("e-0", "e-")
    return written.removesuffix(".0") if value else "0"
