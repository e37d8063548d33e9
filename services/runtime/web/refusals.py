"""What a page says instead of what was asked for: one wording for each status, alike for secret and for absent."""

from typing import Final, NamedTuple

from services.runtime.web.catalogues import translatable as _


class Wording(NamedTuple):
    """What happened and what to do next, as message ids."""

    code: str
    what: str
    next: str


_NOT_FOUND: Final = Wording(
    "not_found",
    _("There is nothing here"),
    _("The address is wrong, what was here has moved, or it is not yours to see."),
)
_WORDINGS: Final[dict[int, Wording]] = {
    400: Wording("unreadable", _("This request cannot be read"), _("Go back and try once more.")),
    401: Wording("sign_in", _("You are not signed in"), _("Sign in and try again; nothing of yours is lost.")),
    403: Wording("forbidden", _("This is not allowed for you"), _("Ask who manages the duty roles of your agency.")),
    404: _NOT_FOUND,
    405: Wording("method", _("This cannot be done here"), _("Go back and try once more.")),
    408: Wording("too_slow", _("This took too long to arrive"), _("Go back and try once more.")),
    409: Wording("conflict", _("Somebody was faster"), _("Look at how it stands now, then decide again.")),
    413: Wording("too_large", _("This is too large"), _("Send less at once.")),
    422: Wording("invalid", _("Something in the form does not fit"), _("Correct the marked fields and send again.")),
    429: Wording("too_often", _("Too many requests"), _("Wait a moment, then try again.")),
    500: Wording("failed", _("Something went wrong here"), _("It has been written down for the operators. Try again.")),
    503: Wording("unavailable", _("Not available right now"), _("Try again in a moment; nothing recorded is lost.")),
}


def wording(status: int) -> Wording:
    """The words for an HTTP status; a refusal without words of its own is like something that is not there."""
    return _WORDINGS.get(status) or (_WORDINGS[500] if status >= 500 else _NOT_FOUND)  # noqa: PLR2004
