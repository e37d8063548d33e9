"""The measures of a service. Labels come from closed lists only: never a unit, a desk, an incident or a subject."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from contracts.codes import Space

HANDLED: Final = Counter("phoihop_messages_handled_total", "Messages handled and acknowledged.", ["consumer"])
BATCH_SIZE: Final = Histogram(
    "phoihop_batch_size", "Messages per batch.", ["consumer"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
)
BATCH_SECONDS: Final = Histogram(
    "phoihop_batch_seconds",
    "Seconds to handle a batch.",
    ["consumer"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
RETRIES: Final = Counter("phoihop_retries_total", "Batches tried again because something was away.", ["consumer"])
PARKED: Final = Counter("phoihop_parked_total", "Messages set aside as hopeless.", ["consumer"])
OUTCOMES: Final = Counter(
    "phoihop_outcomes_total", "Outcomes by kind, of live work; `http` counts requests.", ["kind", "outcome"]
)
EXERCISE_OUTCOMES: Final = Counter(
    "phoihop_exercise_outcomes_total", "Outcomes by kind, of exercises and tests.", ["kind", "outcome"]
)
ESCALATED: Final = Counter("phoihop_escalated_total", "Obligations that nobody met in time.")
SILENCE_ALARMS: Final = Counter("phoihop_silence_alarms_total", "Silence that reached the top desk, or found nobody.")
FALLBACK: Final = Counter("phoihop_fallback_total", "Reports that no rule gave a lead.")
CHECKPOINTS: Final = Counter("phoihop_checkpoints_total", "Signed checkpoints of the ledger.", ["outcome"])
LEDGER_ALARMS: Final = Counter("phoihop_ledger_alarms_total", "Contradictions in a ledger's history.", ["kind"])
WITNESS_ANSWERS: Final = Counter("phoihop_witness_answers_total", "Answers of a witness by HTTP status.", ["outcome"])
REFUSED: Final = Counter("phoihop_refused_total", "Requests not let in, by reason.", ["outcome"])
BUS_REFUSED: Final = Counter("phoihop_bus_refused_total", "What nats-server refused, by kind.", ["kind"])
RESTARTS: Final = Gauge("phoihop_process_restarts", "Restarts of a process of the local stack.", ["process"])
STUCK: Final = Gauge("phoihop_process_stuck", "Those of a process that ran but no longer answered.", ["process"])
LAG: Final = Gauge("phoihop_consumer_pending", "Messages a consumer has not been given yet.", ["consumer"])


def outcomes(space: Space) -> Counter:
    """Where outcomes of that space are counted: an exercise never stands in live figures."""
    return OUTCOMES if space is Space.ACTUAL else EXERCISE_OUTCOMES
