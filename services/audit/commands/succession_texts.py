"""What `phoihop ledger witness trust` says about a change of keys, in Vietnamese and English; it decides nothing."""

from typing import Final, assert_never

from rich.markup import escape

from services.audit.commands.signing_texts import key_lines
from services.audit.tlog.succession import Believed, Disputed, NotBelieved, Objection
from services.runtime.terminal import Language

_SAID: Final = {
    "believed": ("✓ Tin khóa mới của {origin}, từ cỡ {size}.", "✓ The new key of {origin} counts from size {size} on."),
    "compared": (
        "Gốc trong thông báo đúng là gốc nhân chứng này đã đồng ký.",
        "The root it names is the one this witness has cosigned.",
    ),
    "not_compared": (
        "Nhân chứng này chưa đồng ký cỡ đó, nên không so được gốc. Hãy hỏi lại cơ quan kia qua điện thoại.",
        "This witness has not cosigned that size, so the root was not compared. Ask the other agency by telephone.",
    ),
    "disputed": (
        "✗ Khóa cũ của {origin} đã công bố một khóa khác: không tin khóa nào nữa, không đồng ký nữa.",
        "✗ The old key of {origin} announced another successor before: neither is believed, nothing is cosigned.",
    ),
    "refused": ("✗ Không ghi nhận: {reason}", "✗ Not recorded: {reason}"),
}
_OBJECTIONS: Final[dict[Objection, tuple[str, str]]] = {
    Objection.NOT_A_ROTATION: (
        "không phải thông báo đổi khóa có đủ hai chữ ký.",
        "no announcement of a new key with both signatures.",
    ),
    Objection.STRANGER: ("khóa cũ không phải khóa được tin của sổ nào.", "the old key is none that is trusted here."),
    Objection.ANOTHER_ROOT: (
        "gốc khác với gốc nhân chứng này đã đồng ký ở cỡ đó.",
        "it names another root than this witness cosigned at that size.",
    ),
    Objection.SIGNED_BEYOND: (
        "khóa cũ đã ký quá cỡ mà nó nói là hết hiệu lực.",
        "the old key has signed beyond the size at which it says it ended.",
    ),
}


def succession_lines(lang: Language, outcome: Believed | Disputed | NotBelieved) -> list[str]:
    """For people."""
    match outcome:
        case Believed(rotation, book, compared):
            head = lang.pick(*_SAID["believed"]).format(origin=rotation.origin, size=rotation.size)
            return [escape(head), *key_lines(lang, book), lang.pick(*_SAID["compared" if compared else "not_compared"])]
        case Disputed(rotation, book):
            return [
                f"[bold red]{escape(lang.pick(*_SAID['disputed']).format(origin=rotation.origin))}[/]",
                *key_lines(lang, book),
            ]
        case NotBelieved(objection):
            reason = lang.pick(*_OBJECTIONS[objection])
            return [f"[bold red]{lang.pick(*_SAID['refused']).format(reason=reason)}[/]"]
        case unexpected:
            assert_never(unexpected)


def succession_document(outcome: Believed | Disputed | NotBelieved) -> dict[str, object]:
    """For programs."""
    if isinstance(outcome, NotBelieved):
        return {"outcome": "refused", "reason": outcome.objection.value}
    terms = outcome.book.terms.items()
    return {
        "outcome": "disputed" if isinstance(outcome, Disputed) else "trusted",
        "origin": outcome.rotation.origin,
        "size": outcome.rotation.size,
        "keys": [{"key": str(key), "first": term.first, "last": term.last} for key, term in terms],
        "compared": isinstance(outcome, Believed) and outcome.compared,
    }
