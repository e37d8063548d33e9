"""The subjects of nats-server's own API that our programs use: what may be allowed, and what must not be.

Every name in them is a whole token, so that a permission can name exactly one stream and one consumer.
"""

from typing import Final

from contracts import access_subjects
from contracts.streams import ACCESS, Consumer

EVERY_CALL: Final = "$JS.API.>"
STREAM_LIST: Final = "$JS.API.STREAM.LIST"
STREAM_NAMES: Final = "$JS.API.STREAM.NAMES"
REPLIES_ACROSS: Final = "_R_.>"
"""What a request from another account is answered on: the server makes these, and no account can choose one."""
CLAIMS_UPDATE: Final = "$SYS.REQ.CLAIMS.UPDATE"
"""Telling servers that go by signed claims of an account; only the system account may."""
INBOXES: Final = "_INBOX."


def inbox_prefix(key: str) -> str:
    """Under which one client, and nobody else, hears answers: its public key is its name."""
    return f"{INBOXES}{key}"


def stream_info(stream: str = "*") -> str:
    """The shape and the figures of a stream; none of its messages."""
    return f"$JS.API.STREAM.INFO.{stream}"


def stream_create(stream: str = "*") -> str:
    """Making a stream."""
    return f"$JS.API.STREAM.CREATE.{stream}"


def stream_update(stream: str = "*") -> str:
    """Changing a stream."""
    return f"$JS.API.STREAM.UPDATE.{stream}"


def message_delete(stream: str) -> str:
    """Taking one message out of a stream."""
    return f"$JS.API.STREAM.MSG.DELETE.{stream}"


def direct_get(stream: str) -> tuple[str, str]:
    """Reading any message of a stream: by the body of the request, and the last one of a subject."""
    return f"$JS.API.DIRECT.GET.{stream}", f"$JS.API.DIRECT.GET.{stream}.>"


def last_message(stream: str, subject: str) -> str:
    """Reading the last message of one subject, and no other."""
    return f"$JS.API.DIRECT.GET.{stream}.{subject}"


def consumer_names(stream: str = "*") -> str:
    """The names of a stream's consumers."""
    return f"$JS.API.CONSUMER.NAMES.{stream}"


def consumer_info(stream: str = "*", durable: str = "*") -> str:
    """The shape and the figures of a consumer."""
    return f"$JS.API.CONSUMER.INFO.{stream}.{durable}"


def consumer_create(stream: str = "*", durable: str = "*") -> str:
    """Making or changing a durable consumer: whoever may do this chooses what it hands out."""
    return f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{durable}"


def passing_consumer(stream: str) -> str:
    """Making a consumer that ends with its client; it can be no durable, and change none."""
    return f"$JS.API.CONSUMER.CREATE.{stream}"


def consumer_reset(stream: str, durable: str) -> str:
    """Having a consumer start over."""
    return f"$JS.API.CONSUMER.RESET.{stream}.{durable}"


def next_messages(stream: str, durable: str) -> str:
    """Asking a consumer for messages."""
    return f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"


def acknowledgements(stream: str, durable: str) -> str:
    """Where the deliveries of a consumer are acknowledged."""
    return f"$JS.ACK.{stream}.{durable}.>"


def consuming(consumer: Consumer) -> tuple[str, ...]:
    """What whoever works through one durable needs, and nothing that changes it."""
    named = consumer.stream, consumer.durable
    return consumer_info(*named), consumer_reset(*named), next_messages(*named), acknowledgements(*named)


def letting_in(section: str) -> tuple[str, ...]:
    """What a guard of one section over HTTP needs: to look codes and ends up, to use codes, to end what they opened.

    It makes no code: a guard that was taken over lets in nobody who was not offered a way in.
    """
    kept = (access_subjects.offered, access_subjects.opened, access_subjects.ended)
    return (
        *(last_message(ACCESS.name, subject(section, "*")) for subject in kept),
        access_subjects.opened(section, "*"),
        access_subjects.ended(section, "*"),
    )
