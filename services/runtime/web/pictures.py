"""Answers with a picture that somebody sent: shown as what it is, never run, and under no name of theirs."""

from starlette.responses import Response

from contracts.attachments import Attachment

POLICY = "default-src 'none'; sandbox"
"""Opened by itself, such an answer may load and do nothing at all."""


def picture(named: Attachment, body: bytes) -> Response:
    """The bytes under the type they were found to be; kept by no cache."""
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": f'inline; filename="{named.sha256[:16]}{named.media_type.suffix}"',
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return Response(body, media_type=named.media_type.value, headers=headers)
