"""What Alertmanager is configured with, and what it is sent. Standard library only: it is read on both sides.

Every alert is a group of its own that waits for no other (`group_wait: 0s`), and desks are chosen by one label each,
which is the cheapest matcher it has.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.beside.job import Report


def desks(reports: Iterable[Report]) -> dict[str, str]:
    """Every desk of the job, and the label that says an alert is for it."""
    names = sorted({fact.desk for one in reports for fact in one.facts if fact.desk is not None})
    return {desk: f"desk_{number}" for number, desk in enumerate(names)}


def configuration(labels: Mapping[str, str], port: int) -> dict[str, Any]:
    """Its configuration (JSON is YAML), with desks that listen on this port."""
    now = {"group_by": ["..."], "group_wait": "0s", "group_interval": "5m", "repeat_interval": "1h"}
    routes = [{"matchers": [f'{label}="1"'], "receiver": label, "continue": True} for label in labels.values()]
    hooks = {
        label: {"url": f"http://127.0.0.1:{port}/{desk}", "send_resolved": False} for desk, label in labels.items()
    }
    receivers = [{"name": "nobody"}, *({"name": label, "webhook_configs": [hook]} for label, hook in hooks.items())]
    return {"route": {"receiver": "nobody", "routes": routes, **now}, "receivers": receivers}


def alert(name: str, report: Report, labels: Mapping[str, str]) -> dict[str, Any]:
    """What the unit posts."""
    to = {labels[fact.desk]: "1" for fact in report.facts if fact.desk is not None}
    return {"labels": {"alertname": "report", "report": name, **to}, "annotations": {"body": report.body}}
