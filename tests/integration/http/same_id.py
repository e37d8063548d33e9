"""A hook for schemathesis: a body that is meant to be valid carries the id in the path, as no schema can demand."""

from typing import Any

import schemathesis
from schemathesis import Case, GenerationMode, HookContext


@schemathesis.hook
def map_case(_context: HookContext, case: Case[Any]) -> Case[Any]:
    """Called for every generated request; those meant to be invalid stay as they are."""
    meant_valid = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if meant_valid and isinstance(case.body, dict) and "report" in (case.path_parameters or {}):
        case.body["report"] = case.path_parameters["report"]
    return case
