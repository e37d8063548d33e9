"""What a duty desk adds to the words of the closed lists: how its rows stand, what its papers are, what it shouts."""

from collections.abc import Mapping
from typing import Final

from contracts.code_words import CHANGES, COPIES, ROLES, RUNGS, SILENCE, Words, shouted
from contracts.codes import Change
from services.desk.row import RowState

_SHOUTED: Final = {Change.REPORT_CORRECTED, Change.REPORT_WITHDRAWN, Change.MERGE_SUGGESTED}
_SILENT: Final = {RowState.REPEATED: SILENCE["asked_again"], RowState.ESCALATED: SILENCE["escalated"]}
STATES: Final[Mapping[str, Words]] = {
    state: shouted(_SILENT[state]) if state in _SILENT else RUNGS[state] for state in RowState
}
SHOUTED_ROLES: Final[Mapping[str, Words]] = {role: shouted(words) for role, words in ROLES.items()}
NEWS: Final[Mapping[str, Words]] = {
    change: shouted(words) if change in _SHOUTED else words for change, words in CHANGES.items()
}
"""What has changed; in capitals where the desk may have acted on what no longer holds."""
PAPERS: Final[Mapping[str, Words]] = {
    **{channel: (f"BẢN SAO, {vi}", f"COPY, {en}") for channel, (vi, en) in COPIES.items()},
    "request": ("THIẾU BÁO CÁO, đề nghị gửi", "REPORT MISSING, please send"),
    "told": ("cấp dưới thiếu báo cáo", "a subordinate's report is missing"),
}
