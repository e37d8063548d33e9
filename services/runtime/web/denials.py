"""Refusals at the door: a closed list of codes, counted by code and never by person, answered alike for everybody."""

from enum import StrEnum
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.runtime.telemetry import REFUSED


class Denial(StrEnum):
    """Why somebody is not let in."""

    SIGN_IN = "sign_in"
    """Nobody is signed in, or not any more."""
    PROOF = "proof"
    """A token, cookie or credential that is altered, over, ended, or for another section."""
    CODE = "code"
    """A one-time code that is unknown, used, expired or for another section."""
    CROSS_SITE = "cross_site"
    """Another site's page sent this."""
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TOO_OFTEN = "too_often"
    PROVIDER = "provider"
    """The OpenID Connect provider, or what came in its name, does not vouch for anybody who may come in."""
    UNKNOWN = "unavailable"
    """Whether the session has ended cannot be known now."""


STATUS: Final = {
    Denial.SIGN_IN: HTTPStatus.UNAUTHORIZED,
    Denial.PROOF: HTTPStatus.UNAUTHORIZED,
    Denial.CODE: HTTPStatus.UNAUTHORIZED,
    Denial.CROSS_SITE: HTTPStatus.FORBIDDEN,
    Denial.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Denial.TOO_SLOW: HTTPStatus.REQUEST_TIMEOUT,
    Denial.TOO_OFTEN: HTTPStatus.TOO_MANY_REQUESTS,
    Denial.PROVIDER: HTTPStatus.UNAUTHORIZED,
    Denial.UNKNOWN: HTTPStatus.SERVICE_UNAVAILABLE,
}
RETRY_SECONDS: Final = 2


class Refused(Exception):  # noqa: N818  # it is an answer, not an error of ours
    """A proof that does not hold, or that cannot be judged now."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.value)
        self.denial = denial


def counted(denial: Denial) -> None:
    """One more of this kind."""
    REFUSED.labels(denial.value).inc()


def denied(request: Request, denial: Denial, *, retry: int | None = None) -> Response:
    """The refusal, in the section's own frame where there is one."""
    counted(denial)
    status = STATUS[denial]
    shell = getattr(request.app.state, "shell", None) if "app" in request.scope else None
    response: Response = shell.refusal(request, status, denial.value) if shell else JSONResponse(_said(denial), status)
    if denial in (Denial.TOO_LARGE, Denial.TOO_SLOW):
        response.headers["Connection"] = "close"
    if denial is Denial.UNKNOWN:
        retry = RETRY_SECONDS
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _said(denial: Denial) -> dict[str, str]:
    return {"code": denial.value}
