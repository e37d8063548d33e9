"""The 33 pitfalls of a naive design, each held by tests named here; those of routing are named cases of the set too."""

from typing import Final

from services.routing.commands.regulation_files import load_cases
from tests.unit.regulations.conftest import FOLDER
from tests.unit.regulations.shown import absent

_RULES: Final = "unit/regulations"
_LIFE: Final = "unit/routing"
_REPORTS: Final = "unit/reporting"
HELD: Final[dict[int, tuple[str, ...]]] = {
    1: (f"{_RULES}/test_reference_register.py::test_each_reform_has_its_own_date",),
    2: (f"{_RULES}/test_decide.py::test_a_code_that_stands_for_another_place_now_names_nobody",),
    3: (f"{_RULES}/test_decide.py::test_law_counts_by_the_day_it_happened_and_desks_by_the_day_it_is_decided",),
    4: (f"{_RULES}/test_reference_register.py::test_bodies_of_merged_units_name_their_predecessors",),
    5: (f"{_RULES}/test_resolve.py::test_the_provincial_border_command_has_two_superiors",),
    6: (f"{_RULES}/test_resolve.py::test_each_tree_has_its_own_line_of_command",),
    7: (f"{_RULES}/test_decide.py::test_a_flood_over_two_communes_is_raised_to_the_province",),
    8: (f"{_RULES}/test_resolve.py::test_a_ranger_station_covers_parts_of_several_communes",),
    9: (f"{_RULES}/test_decide.py::test_two_provinces_have_one_lead_and_the_other_coordinates",),
    10: (f"{_RULES}/test_decide.py::test_of_two_competent_bodies_the_first_discoverer_leads",),
    11: (f"{_LIFE}/test_duty.py::test_nobody_left_to_forward_to_means_naming_somebody",),
    12: (f"{_LIFE}/test_course.py::test_command_on_scene_is_a_time_series_without_gap_or_two_commanders",),
    13: (
        f"{_RULES}/test_decide.py::test_a_forest_fire_in_xuan_luong_is_led_by_the_commune_and_commanded_by_the_rangers",
    ),
    14: (f"{_LIFE}/test_course.py::test_a_lowered_level_drops_nobody_and_moves_no_deadline",),
    15: (f"{_LIFE}/test_course.py::test_a_time_capped_order_prompts_the_next_authority_and_then_ends",),
    16: (f"{_LIFE}/test_silence.py::test_silence_climbs_every_step_of_the_chain_each_on_record_the_top_with_an_alarm",),
    17: (f"{_LIFE}/test_duty.py::test_what_needs_consent_is_accepted_only_with_it",),
    18: (f"{_RULES}/test_decide.py::test_every_commune_below_a_dam_must_acknowledge",),
    19: (f"{_LIFE}/test_duty.py::test_one_acknowledgement_of_a_group_excuses_the_others",),
    20: (f"{_RULES}/test_decide.py::test_informing_carries_no_timer_and_no_escalation",),
    21: (
        "system/test_exercise_never_reaches_a_live_desk.py::test_exercise_never_reaches_a_live_desk",
        f"{_LIFE}/test_correlate.py::test_an_exercise_never_joins_a_live_incident_even_when_it_names_it",
    ),
    22: (f"{_LIFE}/test_course.py::test_a_correction_supersedes_the_senders_own_figure_and_is_told",),
    23: (
        f"{_REPORTS}/test_rollup.py::test_the_same_dead_person_from_two_bodies_is_a_conflict_or_one_figure_never_a_sum",
    ),
    24: (f"{_REPORTS}/test_filing.py::test_a_nil_report_is_a_report",),
    25: (f"{_REPORTS}/test_filing.py::test_a_logged_call_counts_at_once_and_is_confirmed_by_its_unit_alone",),
    26: (f"{_RULES}/test_reference_rules.py::test_each_recipient_of_a_reference_rule_exists_somewhere",),
    27: (f"{_RULES}/test_workdays.py::test_working_days_skip_weekends_and_holidays",),
    28: (
        "integration/cli/test_outbox.py::test_what_was_reported_offline_waits_and_is_sent_later_in_order",
        f"{_RULES}/test_facts.py::test_a_clock_that_runs_ahead_does_not_choose_the_law",
    ),
    29: ("unit/intake/test_markings.py::test_classified_json_is_refused_with_one_silent_problem",),
    30: ("system/test_personal_data.py::test_people_are_nowhere_in_clear_and_can_be_erased_while_every_proof_holds",),
    31: ("unit/audit/test_verify.py::test_every_changed_or_missing_part_of_an_entry_is_named",),
    32: (
        f"{_RULES}/test_reference_rules.py::test_the_militia_acts_with_two_consents",
        f"{_LIFE}/test_merging.py::test_an_objection_asks_the_owner_of_the_rules_and_the_duty_stands",
    ),
    33: (
        "unit/stack_codes/test_finding.py::test_old_and_new_places_of_the_tone_mark_are_one_name",
        "unit/contracts/test_text.py::test_decomposed_vietnamese_becomes_the_composed_form",
    ),
}
NOT_OF_ROUTING: Final = {22, 23, 25, 28, 29, 30, 31, 33}
"""About reports, records, people and texts: no case of a regulation set can show them."""


def test_every_pitfall_is_held_by_a_test_that_is_there() -> None:
    assert sorted(HELD) == list(range(1, 34))
    assert absent(test for tests in HELD.values() for test in tests) == []


def test_every_pitfall_of_routing_is_a_named_case_of_the_set() -> None:
    """A case runs against every draft; a test that only the code knows does not."""
    cases = load_cases(FOLDER / "cases.yaml").cases
    numbered = {int(case.name.split("-")[1]) for case in cases if case.name.startswith("pitfall-")}
    assert numbered == HELD.keys() - NOT_OF_ROUTING
