"""What signing, keys and witnesses say to people, in Vietnamese and English; it decides nothing."""

from rich.markup import escape

from services.audit.commands.texts import say, verification_lines
from services.audit.notary.signing import Kept
from services.audit.recomputing.verifying import Verdict
from services.audit.tlog.cosigning import Added, Contradicted, Failed, GoOnFrom, Outcome, Shrunk
from services.audit.tlog.keybook import KeyBook
from services.runtime.terminal import Language


def verdict_lines(lang: Language, verdict: Verdict) -> list[str]:
    """The verification, then how far witnesses vouch for it, where the policy demands some."""
    lines = verification_lines(lang, verdict.found)
    if verdict.settled is not None:
        mark = "[bold red]✗[/]" if verdict.unsettled else "[green]✓[/]"
        lines.append(f"  {mark} {say(lang, 'settled', size=verdict.settled)}")
    return lines


def key_lines(lang: Language, book: KeyBook) -> list[str]:
    """Every key that counts and for which sizes, then those that announced two successors."""
    lines = [f"{key}  {term.first}–{'…' if term.last is None else term.last}" for key, term in book.terms.items()]
    return [*lines, *(f"[bold red]✗ {say(lang, 'disputed', vkey=key)}[/]" for key in book.disputed)]


def witness_lines(lang: Language, kept: Kept) -> list[str]:
    """What each witness made of the checkpoint."""
    return [
        f"  {'[green]✓[/]' if isinstance(found, Added) else '[red]•[/]'} {escape(name)}: {_outcome(lang, found)}"
        for name, found in kept.outcomes.items()
    ]


def _outcome(lang: Language, outcome: Outcome) -> str:
    match outcome:
        case Added():
            return lang.pick("đã đồng ký", "cosigned")
        case GoOnFrom(size):
            return lang.pick(f"đang ở cỡ {size}, thử lại sau", f"stands at size {size}, try again")
        case Shrunk(size):
            return lang.pick(f"ĐÃ đồng ký {size} mục: sổ mất phần cuối", f"HAS cosigned {size}: the tail is missing")
        case Contradicted(saying):
            return lang.pick(f"TỪ CHỐI, sổ đã bị viết lại ({saying})", f"REFUSED, history was rewritten ({saying})")
        case Failed(reason):
            return lang.pick(f"không có chữ ký ({reason})", f"no cosignature ({reason})")
