"""What the process behind the desks' pages may do under its own identity: let officers in, and nothing else."""

from contracts import access_subjects
from contracts import server_api as api
from contracts.identity import service
from services.stack.identity.grants import grant_of


def test_the_desks_process_may_read_no_fact_and_send_nothing_of_a_desk() -> None:
    """Fails when whoever takes the process over could see or do more than the desks' keys that lie beside it allow."""
    grant = grant_of(service("desk"))

    assert set(grant.publish) == {api.stream_info(), *api.letting_in("desk")}
    assert grant.subscribe == ()
    assert not grant.answers
    assert access_subjects.offered("desk", "*") not in grant.publish
