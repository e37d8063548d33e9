"""Serves the browser's files from memory: one version in the address for all of them, so they may be kept for ever."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LONGEST_SAVING: Final = 0.9
"""A compressed form that is hardly smaller is not worth the browser's work."""
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    compressed: bytes | None
    tag: str
    kind: str


class Static:
    """All files of some folders as one flat set; an earlier folder's file hides a later one's of the same name."""

    def __init__(self, prefix: str, folders: Iterable[Path]) -> None:
        self._prefix = prefix
        self._files: dict[str, _File] = {}
        for folder in folders:
            for path in sorted(folder.glob("*.*")) if folder.is_dir() else ():
                self._files.setdefault(path.name, _read(path))
        tags = "".join(f"{name} {file.tag}\n" for name, file in sorted(self._files.items()))
        self.version = hashlib.sha256(tags.encode()).hexdigest()[:12]
        """Changes with any file, because modules import each other by name within one version."""

    @property
    def routes(self) -> list[Route]:
        """With a version in the path, kept for ever; without, asked for again each time."""
        return [
            Route(f"{self._prefix}/static/{{version}}/{{name}}", self._versioned, name="static"),
            Route(f"{self._prefix}/static/{{name}}", self._plain, name="static-plain"),
        ]

    @property
    def names(self) -> frozenset[str]:
        """Every file there is."""
        return frozenset(self._files)

    def url(self, name: str) -> str:
        """The address of a file in this version; raises `KeyError` for one that is not there."""
        self._files[name]
        return f"{self._prefix}/static/{self.version}/{name}"

    async def _versioned(self, request: Request) -> Response:
        current = request.path_params["version"] == self.version
        return self._answer(request, _FOR_EVER if current else _ASK_AGAIN)

    async def _plain(self, request: Request) -> Response:
        return self._answer(request, _ASK_AGAIN)

    def _answer(self, request: Request, caching: str) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None:
            raise HTTPException(404)
        headers = {"ETag": file.tag, "Cache-Control": caching, "Content-Type": file.kind, "Vary": "Accept-Encoding"}
        if file.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.compressed, headers=headers | {"Content-Encoding": "gzip"})
        return Response(file.body, headers=headers)


def _read(path: Path) -> _File:
    body = path.read_bytes()
    packed = gzip.compress(body, mtime=0)
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    return _File(body, packed if len(packed) < LONGEST_SAVING * len(body) else None, tag, kind)
