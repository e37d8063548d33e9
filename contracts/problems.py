"""Why something was refused: a code of the published list, the field, and the words that go with the code."""

from contracts.frozen import Contract
from contracts.problem_codes import ProblemCode
from contracts.problem_wordings import WORDINGS
from contracts.wording import Wording

__all__ = ["WORDINGS", "Problem", "ProblemCode"]


class Problem(Contract):
    """One reason for a refusal: which field, what is wrong with it, how to put it right."""

    code: ProblemCode
    field: str
    """Path of the field as the sender wrote it, for example `places.0.code` or `alert/info[1]/area`; empty = whole."""
    detail: str | None = None
    """The exact finding in English for engineers, for example `alert.sent: '2026' is not a CAP date-time`."""

    @property
    def wording(self) -> Wording:
        """The published texts of this code."""
        return WORDINGS[self.code]
