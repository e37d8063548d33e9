"""Peers do the same job as we do, and what is told of them is what was measured; no peer is started here."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.beside import environment, equal, job, material, running
from benchmarks.beside.alerts import alert, configuration, desks
from benchmarks.beside.compared import Round, told
from benchmarks.beside.environment import NotInstalledError, find_program, with_its_files
from benchmarks.beside.job import Fact, Notes, Report
from benchmarks.beside.sides import SIDES, Bus
from services.runtime.jetstream import Stored
from tests.system.load import Sent

FOLDER = Path(running.__file__).parent
ACCEPTED, ISSUED = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


def fact(event: str, desk: str | None = None, body: str = "{}") -> Fact:
    return Fact(event, "2026-11-22T05:00:00Z", None, "phoihop.X.v1", None, "actual.x", desk, body)


def reports() -> list[Report]:
    two = (fact("a"), fact("b", "ca-x/truc"), fact("c", "ca-x/truc", '{"more":1}'))
    return [Report("one", '{"report":"one"}', two), Report("two", '{"report":"two"}', (fact("d", "ubnd-x/truc"),))]


def rows() -> Counter[tuple[str, int]]:
    return equal.recorded(reports())


def test_the_same_job_is_equal() -> None:
    got = equal.noted(["begun 12.5", "one ca-x/truc", "two ubnd-x/truc", "one ca-x/truc"])
    equal.check(reports(), got, rows())


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["one ca-x/truc", "two ubnd-x/truc"], "1 missing, such as one ca-x/truc"),
        (["one ca-x/truc"] * 3 + ["two ubnd-x/truc"], "1 too many, such as one ca-x/truc"),
        (["one ca-x/truc"] * 2 + ["two ca-x/truc"], "1 missing, such as two ubnd-x/truc"),
    ],
)
def test_a_message_missing_twice_or_at_another_desk_is_unequal(lines: list[str], words: str) -> None:
    """Otherwise a peer would look fast because it does less."""
    with pytest.raises(equal.UnequalError, match=re.escape(words)):
        equal.check(reports(), equal.noted(lines), rows())


def test_a_fact_missing_twice_or_cut_short_is_unequal() -> None:
    """Otherwise a peer would look fast because it records less."""
    for wrong in ({("a", 2): 0}, {("a", 2): 2}, {("c", 10): 0, ("c", 9): 1}):
        with pytest.raises(equal.UnequalError, match="audit rows"):
            equal.check(reports(), equal.handed(reports()), Counter({**rows(), **wrong}))


def test_ratios_are_of_pairs_and_what_was_not_run_has_no_number() -> None:
    slow = [Round(10.0, {"worker": 4.0, "redis": 1.0}), Round(20.0, {"worker": 2.0, "redis": 1.0})]
    compared = told([100.0, 400.0], {"slow": slow}, {"absent": "not run: not installed (no network)"})
    figures: Any = compared.json["slow"]
    assert figures["ours_times"] == {"median": 15.0, "least": 10.0, "most": 20.0}
    assert figures["reports_per_second"]["median"] == 15.0
    assert figures["cpu_milliseconds_per_report"]["median"] == 4.0
    assert figures["cpu_by_process"] == {"worker": 3.0, "redis": 1.0}
    assert compared.json["absent"] == {"not_run": "not run: not installed (no network)"}
    assert compared.rows == [
        ("slow", "15 [10..20]", "15.0 [10.0..20.0]", "4.0 [3.0..5.0]"),
        ("absent", "not run: not installed (no network)", "", ""),
    ]


def stored(sequence: int, subject: str, body: str) -> Stored:
    return Stored(subject, sequence, datetime(2026, 11, 22, 5, 0, tzinfo=UTC), body.encode(), {})


def test_the_job_is_what_followed_from_each_report_and_nothing_else() -> None:
    head = '"type":"phoihop.X.v1","time":"2026-11-22T05:00:00Z"'
    found = [
        stored(1, "actual.report.ubnd-x.to.r1", f'{{"id":"{ACCEPTED}","causationid":"s",{head}}}'),
        stored(2, "actual.incident.i1.course", f'{{"id":"o","incidentid":"i1","causationid":"{ACCEPTED}",{head}}}'),
        stored(3, "actual.incident.i1.dispatch.ca-x.truc", f'{{"id":"{ISSUED}","causationid":"{ACCEPTED}",{head}}}'),
        stored(4, "actual.incident.i2.dispatch.ca-x.truc", f'{{"id":"e","causationid":"another",{head}}}'),
    ]
    one, *others = material.reports({ACCEPTED: Sent("ubnd-x", "to", "new", b'{"report":"r1"}', "r1")}, found)
    assert not others
    assert (one.report, one.body) == ("r1", '{"report":"r1"}')
    assert [(each.event_id, each.agency, each.desk) for each in one.facts] == [
        (ACCEPTED, "ubnd-x", None),
        ("o", None, None),
        (ISSUED, "ca-x", "ca-x/truc"),
    ]
    assert one.facts[1].incident_id == "i1"
    assert one.facts[2].body.encode() == found[2].body


def test_peers_read_the_job_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job.write_job(tmp_path / "job.json", reports())
    (tmp_path / "notes").touch()
    for name, value in job.environment(tmp_path / "job.json", tmp_path / "notes", "bus", "dsn").items():
        monkeypatch.setenv(name, value)
    assert job.job() == reports()
    assert job.decisions() == {one.report: one.facts for one in reports()}
    notes = Notes()
    notes.begun()
    notes.delivered("one", "ca-x/truc")
    begun, delivered = (tmp_path / "notes").read_text().splitlines()
    assert begun.startswith("begun ")
    assert equal.noted([begun, delivered]) == Counter({"one ca-x/truc": 1})


def test_an_audit_row_has_a_value_for_every_column() -> None:
    one = job.row(fact("a", body="Lũ"))
    assert len(one) == len(job.COLUMNS)
    assert dict(zip(job.COLUMNS, one, strict=True))["body"] == "Lũ".encode()


def test_an_alert_reaches_the_desks_of_its_report_alone() -> None:
    labels = desks(reports())
    made = configuration(labels, 1234)
    mine = alert("one-0", reports()[0], labels)["labels"]
    reached = [route["receiver"] for route in made["route"]["routes"] if route["matchers"][0].split("=")[0] in mine]
    urls = {one["name"]: one["webhook_configs"][0]["url"] for one in made["receivers"] if "webhook_configs" in one}
    assert [urls[receiver] for receiver in reached] == ["http://127.0.0.1:1234/ca-x/truc"]
    assert all(route["continue"] for route in made["route"]["routes"])


def test_what_cannot_be_installed_is_told_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise NotInstalledError("no network")

    monkeypatch.setattr(environment, "_run", refused)
    python, redis, missing = running._installed(tmp_path)
    assert (python, redis) == (None, None)
    assert missing == dict.fromkeys(SIDES, "not run: not installed (no network)")


def test_without_redis_the_peers_that_need_none_are_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "make_python", lambda folder: folder / "bin" / "python")
    monkeypatch.setenv("PATH", str(tmp_path))
    _, _, missing = running._installed(tmp_path)
    assert {SIDES[name].bus for name in SIDES if name not in missing} == {Bus.NATS, Bus.POSTGRES}
    assert set(missing.values()) == {"not run: not installed (there is neither redis-server nor apt-get)"}


def test_a_program_of_this_machine_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (program := tmp_path / "redis-server").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program("redis-server", ("redis-server",), tmp_path / "unused") == program
    assert with_its_files(Path("/usr/bin/prometheus-alertmanager")) == ["/usr/bin/prometheus-alertmanager"]


def test_every_peer_is_one_short_file() -> None:
    """A stranger must be able to judge whether a peer was written fairly."""
    modules = {side.module for side in SIDES.values()} | {"peer_alertmanager"}
    assert {path.stem for path in FOLDER.glob("peer_*.py")} == modules
    assert all(len((FOLDER / f"{module}.py").read_text().splitlines()) < 150 for module in modules)
