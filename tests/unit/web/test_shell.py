"""The frame around all pages: languages, themes, refusals that tell nothing, strict headers, files kept for ever."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from contracts.access import Role
from contracts.subjects import Origin
from services.runtime.terminal import Language
from services.runtime.web.catalogues import catalogues
from services.runtime.web.headers import POLICY
from services.runtime.web.shell import Shell
from services.runtime.web.visitor import Visitor

PAGE = """{% extends "layout.html" %}{% block title %}{{ _("Sign in") }}{% endblock %}
{% block main %}<h1>{{ _("Sign in") }}</h1><p id="said">{{ said }}</p>{% endblock %}"""
HTML = {"Accept": "text/html,*/*"}


class OpenDoor:
    """A guard who lets one officer in, or nobody."""

    def __init__(self, who: Visitor | None) -> None:
        self.who = who
        self.routes: list[Route] = []
        self.middleware: list[object] = []

    def visitor(self, request: Request) -> Visitor | None:
        assert request.url.path
        return self.who


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    for folder in ("templates", "static", "locale"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "static" / "desk.js").write_text('import "./live.js";\n' + "// long\n" * 200)
    who = Visitor(Role.OFFICER, Origin("pccc-hue", "truc-ban"), "Trực ban 1", "s" * 32)
    return Shell("desk", OpenDoor(who), tmp_path)  # type: ignore[arg-type]  # no middleware is no middleware of any kind


@pytest.fixture
def client(shell: Shell) -> httpx.AsyncClient:
    async def page(request: Request) -> Response:
        return shell.page(request, "page.html", said=request.query_params.get("said", ""))

    async def secret(_request: Request) -> Response:
        raise HTTPException(404, detail="this exists, but not for you")

    async def broken(_request: Request) -> Response:
        raise RuntimeError("the password is hunter2")

    routes = [Route("/desk", page), Route("/desk/secret", secret), Route("/desk/broken", broken)]
    app = shell.application(routes, beyond=PlainTextResponse("beyond"))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers={"Accept": "*/*"})


async def test_a_page_is_vietnamese_unless_somebody_wants_english(client: httpx.AsyncClient) -> None:
    for headers, expected in (
        ({"Accept-Language": ""}, "vi"),
        ({"Accept-Language": "fr, ja;q=0.9"}, "vi"),
        ({"Accept-Language": "en-GB,en;q=0.9,vi;q=0.8"}, "en"),
        ({"Accept-Language": "en;q=0.5, vi-VN"}, "vi"),
        ({"Accept-Language": "en;q=nonsense, vi;q=0.1"}, "vi"),
    ):
        assert f'<html lang="{expected}"' in (await client.get("/desk", headers=headers)).text


async def test_a_language_that_was_chosen_is_remembered_and_wins_over_the_browser(client: httpx.AsyncClient) -> None:
    assert "<h1>Sign in</h1>" in (await client.get("/desk?lang=en")).text
    later = await client.get("/desk", headers={"Accept-Language": "vi"})
    assert "<h1>Sign in</h1>" in later.text
    assert later.headers["Content-Language"] == "en"


async def test_numbers_are_counted_as_the_language_counts(tmp_path: Path) -> None:
    """Vietnamese has one form for one and for many; fails when many things fall back to English."""
    locale = tmp_path / "locale"
    locale.mkdir()
    plural = 'msgid "%(num)d incident"\nmsgid_plural "%(num)d incidents"\n'
    (locale / "vi.po").write_text(f'{plural}msgstr[0] "%(num)d sự cố"\n')
    (locale / "en.po").write_text(f'{plural}msgstr[0] "%(num)d incident"\nmsgstr[1] "%(num)d incidents"\n')
    texts = catalogues([locale, tmp_path / "absent"])

    for language, expected in ((Language.VI, ["sự cố"] * 3), (Language.EN, ["incidents", "incident", "incidents"])):
        counted = [texts[language].ungettext("%(num)d incident", "%(num)d incidents", n) for n in (0, 1, 20)]
        assert [text.removeprefix("%(num)d ") for text in counted] == expected


async def test_a_theme_that_was_chosen_is_remembered_and_nonsense_is_not(client: httpx.AsyncClient) -> None:
    assert 'data-theme="dark"' in (await client.get("/desk?theme=dark")).text
    assert 'data-theme="dark"' in (await client.get("/desk")).text
    assert 'data-theme="dark"' in (await client.get("/desk?theme=%22%3E%3Cscript%3E")).text


async def test_what_somebody_says_is_shown_and_never_run(client: httpx.AsyncClient) -> None:
    """Fails when a template is rendered without escaping: a report could then act in an officer's name."""
    shown = (await client.get("/desk", params={"said": "<script>alert(1)</script>"})).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown


async def test_every_answer_forbids_what_is_not_ours(client: httpx.AsyncClient) -> None:
    for path in ("/desk", "/desk/secret", "/desk/broken", "/desk/static/shell.css"):
        answer = await client.get(path, headers=HTML)
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
    assert "unsafe" not in POLICY


async def test_no_page_carries_a_script_or_style_of_its_own(client: httpx.AsyncClient) -> None:
    text = (await client.get("/desk")).text
    assert "<style" not in text
    assert "style=" not in text
    assert "onclick" not in text
    assert text.count("<script") == text.count("src=") - text.count("<img")


async def test_what_is_secret_looks_like_what_is_not_there(client: httpx.AsyncClient) -> None:
    """Fails when somebody could find out by asking which incidents exist."""
    secret, absent = (await client.get("/desk/secret", headers=HTML)), (await client.get("/desk/absent", headers=HTML))
    assert secret.status_code == absent.status_code == 404
    assert (
        secret.text.replace("/desk/secret", "").split("<main")[1]
        == absent.text.replace("/desk/absent", "").split("<main")[1]
    )
    assert (await client.get("/desk/secret")).json() == (await client.get("/desk/absent")).json()
    assert (await client.get("/desk/secret")).json()["code"] == "not_found"


async def test_a_failure_tells_nobody_what_it_was(client: httpx.AsyncClient) -> None:
    answer = await client.get("/desk/broken", headers=HTML)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "Hệ thống gặp lỗi" in answer.text


async def test_paths_outside_the_section_are_somebody_elses(client: httpx.AsyncClient) -> None:
    for path in ("/v1/reports", "/desks", "/"):
        assert (await client.get(path)).text == "beyond"
    assert "beyond" not in (await client.get("/desk")).text


async def test_where_nothing_lies_beyond_a_section_everything_outside_is_not_there(shell: Shell) -> None:
    """Nobody is asked to sign in for what does not exist."""
    transport = httpx.ASGITransport(shell.application([]))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as client:
        assert (await client.post("/docs/try", content=b"{}")).status_code == 404
        assert (await client.get("/", headers=HTML)).status_code == 404


async def test_a_page_is_not_kept_and_its_files_are_kept_for_ever(client: httpx.AsyncClient, shell: Shell) -> None:
    assert (await client.get("/desk")).headers["Cache-Control"] == "no-store"
    file = await client.get(shell.static.url("desk.js"))
    assert "immutable" in file.headers["Cache-Control"]
    assert file.headers["Content-Type"].startswith("text/javascript")
    old = await client.get("/desk/static/0123456789ab/desk.js")
    assert old.headers["Cache-Control"] == "no-cache"
    assert (
        await client.get("/desk/static/desk.js", headers={"If-None-Match": file.headers["ETag"]})
    ).status_code == 304
    assert (await client.get("/desk/static/absent.js")).status_code == 404
    assert (await client.get("/desk/static/..%2Fpage.html")).status_code == 404


async def test_files_are_compressed_for_whoever_takes_it(client: httpx.AsyncClient) -> None:
    plain = await client.get("/desk/static/desk.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    packed = await client.get("/desk/static/desk.js")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_the_version_of_files_changes_with_any_of_them(tmp_path: Path) -> None:
    """Modules import each other by name: a new one must not meet an old one from somebody's cache."""
    (tmp_path / "static").mkdir()
    versions = set()
    for text in ("one", "two"):
        (tmp_path / "static" / "x.js").write_text(text)
        versions.add(Shell("desk", OpenDoor(None), tmp_path).static.version)  # type: ignore[arg-type]
    assert len(versions) == 2


def test_a_file_that_is_not_there_cannot_be_linked(shell: Shell) -> None:
    with pytest.raises(KeyError):
        shell.static.url("missing.css")
