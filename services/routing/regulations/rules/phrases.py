"""The controlled words of both languages: one phrase for each thing a rule can say, so that none means two."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from contracts import code_words
from contracts.codes import Role, Severity
from contracts.register import Tree
from contracts.taxonomy import CATEGORIES, FAMILIES, Category
from services.routing.regulations.rules.agency_types import AGENCY_TYPES, AgencyType
from services.routing.regulations.rules.duties import Limit, WorkingLimit
from services.routing.regulations.rules.hazards import Raised
from services.routing.regulations.rules.targets import (
    AgencyTarget,
    AnyTarget,
    CommonTarget,
    Of,
    OneTarget,
    ReporterTarget,
    SuperiorTarget,
    Target,
    TypeTarget,
)
from services.routing.regulations.rules.when import (
    SCALES,
    AreaRelation,
    CalendarCondition,
    Family,
    Lasting,
    LevelRange,
    When,
)


class Sentence(NamedTuple):
    """The same words in both languages."""

    vi: str
    en: str


AREAS: Final = {
    AreaRelation.ONE_COMMUNE: Sentence("trong một xã", "in one commune"),
    AreaRelation.SEVERAL_COMMUNES: Sentence("trên nhiều xã của một tỉnh", "across several communes of one province"),
    AreaRelation.ONE_PROVINCE: Sentence("trong một tỉnh mà chưa rõ xã", "in one province with the commune not known"),
    AreaRelation.SEVERAL_PROVINCES: Sentence("trên nhiều tỉnh", "across several provinces"),
    AreaRelation.POSITION_UNKNOWN: Sentence("chưa rõ vị trí", "at an unknown position"),
    AreaRelation.OPEN_SEA: Sentence("trên vùng biển ngoài khơi", "on the open sea"),
    AreaRelation.COASTAL_WATER: Sentence("trên vùng biển ven bờ", "in coastal waters"),
    AreaRelation.PORT_WATER: Sentence("trong vùng nước cảng biển", "in port waters"),
    AreaRelation.BORDER_BELT: Sentence("trong vành đai biên giới", "in the border belt"),
    AreaRelation.BORDER_GATE: Sentence("tại cửa khẩu phụ, lối mở", "at a secondary border gate or open crossing"),
    AreaRelation.BORDER_GATE_MAIN: Sentence(
        "tại cửa khẩu chính, cửa khẩu song phương", "at a main or bilateral border gate"
    ),
    AreaRelation.BORDER_GATE_INTERNATIONAL: Sentence("tại cửa khẩu quốc tế", "at an international border gate"),
    AreaRelation.MILITARY_ZONE: Sentence("trong khu vực quân sự đã công bố", "in a published military zone"),
    AreaRelation.FOREST: Sentence("trong khu rừng đã xác định", "in a named forest"),
}
SCALE_NAMES: Final = {scale: Sentence(*words) for scale, words in code_words.SCALES.items()}
SEVERITIES: Final = {severity: Sentence(*code_words.SEVERITIES[severity]) for severity in Severity}
ROLES: Final = {role: Sentence(*code_words.DOES[role]) for role in Role}
PLACES: Final = {
    Of.COMMUNE: Sentence("của từng xã liên quan", "of each commune concerned"),
    Of.PROVINCE: Sentence("của từng tỉnh liên quan", "of each province concerned"),
    Of.AREA: Sentence("phụ trách khu vực xảy ra", "responsible for the very area"),
}
TREES: Final = {tree: Sentence(*code_words.TREES[tree]) for tree in Tree}
CASUALTIES: Final = {
    True: Sentence("có thương vong", "with casualties"),
    False: Sentence("không có thương vong", "without casualties"),
}
PRESENCE: Final = {
    True: (Sentence("có mặt ", "with "), Sentence("", " on scene")),
    False: (Sentence("chưa có mặt ", "without "), Sentence("", " on scene")),
}
WORKING: Final = {
    True: Sentence("trong giờ làm việc", "in working time"),
    False: Sentence("ngoài giờ làm việc", "outside working time"),
}
ANY_INCIDENT: Final = Sentence("sự việc bất kỳ", "any incident")
FIRST_REPORTER: Final = Sentence("cơ quan báo đầu tiên", "the agency that reported first")
UNITS: Final = (("giờ", "hour", 3600), ("phút", "minute", 60), ("giây", "second", 1))
WORK_UNITS: Final = {
    "working_days": ("ngày làm việc", "working day"),
    "working_hours": ("giờ làm việc", "working hour"),
}


def any_of(words: Iterable[Sentence]) -> Sentence:
    """One of these."""
    listed = list(words)
    return Sentence(" hoặc ".join(w.vi for w in listed), " or ".join(w.en for w in listed))


def all_of(words: Iterable[Sentence]) -> Sentence:
    """Every one of these."""
    listed = list(words)
    return Sentence(" và ".join(w.vi for w in listed), " and ".join(w.en for w in listed))


def role_words(role: Role) -> Sentence:
    """What somebody in this role does."""
    return ROLES[role]


def area_words(relations: Iterable[AreaRelation]) -> Sentence:
    """An area condition; any one of its relations is enough."""
    return any_of(AREAS[relation] for relation in relations)


def category_words(named: Category | Family) -> Sentence:
    """A category, or a family for all its leaves."""
    if isinstance(named, Category):
        name = CATEGORIES[named]
        return Sentence(f"“{name.vi}”", f"“{name.en}”")
    vi, en = FAMILIES[named]
    return Sentence(f"sự việc nhóm “{vi}”", f"an incident of group “{en}”")


def severity_words(least: Severity) -> Sentence:
    """A condition on the severity."""
    degree = SEVERITIES[least]
    return Sentence(f"mức độ từ {degree.vi} trở lên", f"severity {degree.en} or above")


def level_words(scale: str, levels: LevelRange) -> Sentence:
    """A condition on one scale."""
    name = SCALE_NAMES[scale]
    ranges = [Sentence(f"{name.vi} {r.vi}", f"{name.en} {r.en}") for r in _range(levels)]
    if levels.unstated:
        ranges.append(Sentence(f"chưa công bố {name.vi}", f"{name.en} not stated"))
    return any_of(ranges)


def _range(levels: LevelRange) -> Iterator[Sentence]:
    match levels.min, levels.max:
        case None, None:
            return
        case int(least), None:
            yield Sentence(f"từ {least} trở lên", f"{least} or above")
        case None, int(most):
            yield Sentence(f"từ {most} trở xuống", f"{most} or below")
        case least, most if least == most:
            yield Sentence(str(least), str(least))
        case least, most:
            yield Sentence(f"từ {least} đến {most}", f"{least} to {most}")


def raised_words(given: Raised) -> Sentence:
    """A level raised because hazards strike together, as a fact."""
    return Sentence(
        f"{given.level} (nêu {given.stated}, {given.hazards} thiên tai cùng xảy ra)",
        f"{given.level} ({given.stated} stated, {given.hazards} hazards together)",
    )


def presence_words(types: Iterable[AgencyType], *, present: bool) -> Sentence:
    """A condition on who is on scene: one of these, or none of them."""
    before, after = PRESENCE[present]
    named = any_of(Sentence(*AGENCY_TYPES[kind]) for kind in types)
    return Sentence(f"{before.vi}{named.vi}{after.vi}", f"{before.en}{named.en}{after.en}")


def found_words(found: Iterable[AgencyType]) -> Sentence:
    """Which of those asked about are on scene, as a fact."""
    names = [AGENCY_TYPES[kind] for kind in found]
    if not names:
        return Sentence("không nơi nào trong số đó được báo là có mặt", "none of them reported on scene")
    return Sentence(f"có mặt {', '.join(n[0] for n in names)}", f"{', '.join(n[1] for n in names)} on scene")


def calendar_words(wanted: CalendarCondition) -> Sentence:
    """A condition on the season and on working time."""
    months = ", ".join(map(str, wanted.months))
    season = [Sentence(f"trong các tháng {months}", f"in the months {months}")] if wanted.months else []
    return all_of([*season, *([] if wanted.working_time is None else [WORKING[wanted.working_time]])])


def moment_words(wanted: CalendarCondition, month: int, working_time: bool) -> Sentence:  # noqa: FBT001 - the fact
    """When it happened, as far as the condition asks."""
    season = [Sentence(f"tháng {month}", f"month {month}")] if wanted.months else []
    return all_of([*season, *([] if wanted.working_time is None else [WORKING[working_time]])])


def lasting_words(lasting: Lasting) -> Sentence:
    """How long it has lasted, as a condition and as a fact."""
    least, most = (None if t is None else duration_words(t) for t in (lasting.at_least, lasting.less_than))
    if least is None:
        assert most is not None  # noqa: S101 - the model refuses a condition without either
        return Sentence(f"mới kéo dài dưới {most.vi}", f"lasting for less than {most.en}")
    if most is None:
        return Sentence(f"đã kéo dài từ {least.vi} trở lên", f"lasting for {least.en} or longer")
    return Sentence(
        f"đã kéo dài từ {least.vi} đến dưới {most.vi}", f"lasting for {least.en} or longer but less than {most.en}"
    )


CONDITIONS: Final[Mapping[str, Callable[[Any], Sentence]]] = {
    "severity_at_least": severity_words,
    **{scale: partial(level_words, scale) for scale in SCALES},
    "area": area_words,
    "casualties": CASUALTIES.__getitem__,
    "present": partial(presence_words, present=True),
    "absent": partial(presence_words, present=False),
    "calendar": calendar_words,
    "lasting": lasting_words,
}
"""What each condition beside the category says, in the order in which they are said."""


def condition_words(when: When) -> Iterator[tuple[str, Sentence]]:
    """Each condition beside the category that is given: its name, and its words."""
    for name, words in CONDITIONS.items():
        stated = getattr(when, name)
        if stated is not None and stated != ():
            yield name, words(stated)


def target_words(target: Target) -> Sentence:
    """A recipient named by relation."""
    if isinstance(target, AnyTarget):
        each = any_of(target_words(member) for member in target.any_one_of)
        return Sentence(f"một trong các nơi ({each.vi})", f"any one of ({each.en})")
    words = _one(target)
    if target.desk is None:
        return words
    return Sentence(f"{words.vi} (bàn trực {target.desk})", f"{words.en} (desk {target.desk})")


def _one(target: OneTarget) -> Sentence:
    match target:
        case TypeTarget():
            name, place = Sentence(*AGENCY_TYPES[target.agency_type]), PLACES[target.of]
            return Sentence(f"{name.vi} {place.vi}", f"{name.en} {place.en}")
        case SuperiorTarget():
            whose, tree = SUPERIORS[target.superior_of], TREES[target.tree]
            return Sentence(f"cấp trên trực tiếp của {whose.vi} ({tree.vi})", f"{whose.en} {tree.en} superior")
        case CommonTarget():
            tree = TREES[target.tree]
            return Sentence(
                f"cấp trên chung của các xã liên quan ({tree.vi})", f"the {tree.en} common superior of the communes"
            )
        case ReporterTarget():
            return FIRST_REPORTER
        case AgencyTarget():
            return Sentence(f"cơ quan {target.agency}", f"agency {target.agency}")


SUPERIORS: Final = {
    "lead": Sentence("cơ quan chủ trì", "the lead's"),
    "reporter": Sentence("cơ quan báo", "the reporter's"),
    "holder": Sentence("nơi nhận", "the recipient's"),
}


def duration_words(limit: timedelta) -> Sentence:
    """A time limit in hours, minutes and seconds."""
    left, vi, en = int(limit.total_seconds()), [], []
    for name_vi, name_en, size in UNITS:
        count, left = divmod(left, size)
        if count:
            vi.append(f"{count} {name_vi}")
            en.append(f"{count} {name_en}{'s' if count > 1 else ''}")
    return Sentence(" ".join(vi) or "tức thì", " ".join(en) or "no time")


def limit_words(limit: Limit) -> Sentence:
    """A time limit, in working time or not."""
    if not isinstance(limit, WorkingLimit):
        return duration_words(limit)
    count = limit.working_days or limit.working_hours or 0
    vi, en = WORK_UNITS["working_days" if limit.working_days else "working_hours"]
    return Sentence(f"{count} {vi}", f"{count} {en}{'s' if count > 1 else ''}")
