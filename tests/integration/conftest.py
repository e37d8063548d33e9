"""The real servers of the integration tests."""

from tests.embedded_servers import (
    fresh_nats,
    module_folder,
    nats_server,
    postgres_database,
    postgres_server,
    server_folder,
    session_folder,
    start_nats_server,
    start_postgres_server,
)

__all__ = [
    "fresh_nats",
    "module_folder",
    "nats_server",
    "postgres_database",
    "postgres_server",
    "server_folder",
    "session_folder",
    "start_nats_server",
    "start_postgres_server",
]
