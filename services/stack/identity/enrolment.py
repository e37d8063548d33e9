"""Says who is enrolled from the first start of a local stack: the hub itself, and everybody the example story names."""

from contracts.identity import Identity, desk, unit
from services.stack.demo.scenario import Scenario
from services.stack.identity.grants import HUB_GRANTS


def hub() -> frozenset[Identity]:
    """Our services, and the kinds of work done by people at the hub."""
    return frozenset(Identity.named(name) for name in HUB_GRANTS)


def parties(scenario: Scenario) -> frozenset[Identity]:
    """Every unit and desk of a story."""
    units = (unit(*filing.origin) for filing in scenario.filings)
    desks = (desk(*conduct.origin) for conduct in scenario.desks)
    return frozenset((*units, *desks))
