"""What `phoihop doctor` says about one thing it looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `fix` is empty when it is fine, otherwise the next thing to do."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


def checked(name: str, ok: bool, detail: str, fix: str) -> Check:  # noqa: FBT001 - the very thing a check says
    """A check with its fix where it failed."""
    return Check(name=name, ok=ok, detail=detail, fix="" if ok else fix)
