"""No secret and nothing of a report reaches a log: not as a field, not inside a text, not in what an exception says."""

import json
from collections.abc import Iterator

import nkeys
import pytest
import structlog
from pydantic import BaseModel, ValidationError

from services.runtime.logs import Format, configure, logger
from services.runtime.redaction import REDACTED, redacted, redacted_text

PASSWORD = "ba-muoi-thang-tu"  # noqa: S105
SEED = nkeys.encode_seed(bytes(range(32)), nkeys.PREFIX_BYTE_USER).decode()
JWT = "eyJ0eXAiOiJKV1QifQ.eyJqdGkiOiJBQkNERUYifQ.c2lnbmF0dXJlLW9mLXRoZS1odWI"
SAID = "Nhà bà Lan bị cuốn trôi"


@pytest.fixture(autouse=True)
def _fresh_logging() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize(
    "name",
    [
        "seed", "password", "db_password", "token", "access_token", "authorization", "cookie", "nats_creds",
        "postgres_dsn", "jwt", "private_key", "signing_key", "key_material", "client_secret", "Set-Cookie",
    ],
)  # fmt: skip
def test_a_field_named_like_a_secret_is_taken_out_whatever_it_holds(name: str) -> None:
    """Breaks if somebody logs a setting or a header under its own name and the name is not heeded."""
    assert redacted({name: PASSWORD, "size": 3}) == {name: REDACTED, "size": 3}


@pytest.mark.parametrize(
    "name", ["body", "report_body", "payload", "headline", "description", "instruction", "personal"]
)
def test_the_content_of_a_report_is_taken_out(name: str) -> None:
    """Breaks if operators, who read every log, could read reports there."""
    assert redacted({name: {"headline": SAID}}) == {name: REDACTED}


def test_nested_fields_are_taken_out_too() -> None:
    record = redacted({"answer": [{"token": PASSWORD, "status": 200}], "raw": SAID.encode()})

    assert record["answer"] == [{"token": REDACTED, "status": 200}]
    assert "cu" not in str(record["raw"])


@pytest.mark.parametrize(
    "name", ["consumer", "subject", "reason", "size", "key", "public_key", "incident", "sequences", "kind", "sha256"]
)
def test_what_people_look_for_in_a_log_stays(name: str) -> None:
    assert redacted({name: "audit", "folder": "/srv/phoihop/keys"}) == {name: "audit", "folder": "/srv/phoihop/keys"}


@pytest.mark.parametrize(
    "text",
    [
        f"cannot connect to postgresql://phoihop_audit_writer:{PASSWORD}@192.0.2.10:5432/phoihop",
        f"postgresql+asyncpg://writer:{PASSWORD}%40x@db/phoihop",
        f"two at signs: postgresql://writer:p@{PASSWORD}@db/phoihop",
        f"user=writer password={PASSWORD} host=db",
        f"user=writer password = '{PASSWORD} {PASSWORD}' host=db",
        f"{{'user': 'writer', 'password': '{PASSWORD}'}}",
        f'{{"user": "writer", "token": "{PASSWORD}"}}',
        f"-----BEGIN PRIVATE KEY-----\n{PASSWORD.replace('-', '')}\n-----END PRIVATE KEY-----",
        f"PRIVATE+KEY+hue.example+abcdef01+{PASSWORD}",
        f"(insert into t) [parameters: ('{PASSWORD}',)]",
        f"null value in column\nDETAIL:  Failing row contains (1, {PASSWORD}).",
    ],
)
def test_a_secret_inside_a_text_is_taken_out_and_the_rest_stays(text: str) -> None:
    """Breaks if a library's error message carries the password it was given into the log."""
    shown = redacted_text(text)

    assert PASSWORD not in shown
    assert PASSWORD.replace("-", "") not in shown
    assert REDACTED in shown


@pytest.mark.parametrize("secret", [SEED, JWT])
def test_seeds_and_signed_tokens_are_known_by_their_shape(secret: str) -> None:
    assert redacted_text(f"refused: {secret}!") == f"refused: {REDACTED}!"


@pytest.mark.parametrize(
    "text",
    [
        "nats://127.0.0.1:4222 does not answer",
        "http://127.0.0.1:8080/readyz: 503",
        "postgresql://phoihop_audit_reader@db/phoihop?passfile=/run/credentials/pgpass",
        "xã Quảng Tân, 2 nhà bị ngập",
        "inbox.report.ranger.post: not JSON",
        "a token expired; the password file /etc/x is readable by others",
    ],
)
def test_a_text_without_secrets_is_left_as_it_is(text: str) -> None:
    assert redacted_text(text) == text


@pytest.mark.parametrize("form", ["json", "console"])
def test_the_address_of_a_database_in_an_exception_is_logged_without_its_password(
    capsys: pytest.CaptureFixture[str], form: Format
) -> None:
    """Breaks if the redaction stands before the exception is made text, or only looks at fields."""
    configure("audit", form)

    def connect() -> None:
        raise ConnectionError(f"postgresql://writer:{PASSWORD}@db/phoihop refused")

    try:
        connect()
    except ConnectionError as error:
        logger().error("cannot_start", reason=str(error), exc_info=error)

    said = capsys.readouterr().err
    assert PASSWORD not in said
    assert "@db/phoihop refused" in said


def test_what_a_strict_model_refused_is_not_quoted_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Pydantic's message quotes its input, which is a report."""

    class Shape(BaseModel):
        households: int

    configure("intake")
    try:
        Shape.model_validate({"households": SAID})
    except ValidationError as error:
        logger().warning("retry_later", reason=repr(error), exc_info=error)

    (record,) = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert SAID not in json.dumps(record, ensure_ascii=False)
    assert "households" in str(record["reason"])
