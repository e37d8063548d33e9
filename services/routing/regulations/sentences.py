"""Says a rule as one sentence, in Vietnamese and in English, from the same data that decides. It decides nothing."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final, NamedTuple

from contracts.codes import Role, Severity
from contracts.register import Tree
from contracts.taxonomy import CATEGORIES, FAMILIES, Category
from services.routing.regulations.agency_types import AGENCY_TYPES
from services.routing.regulations.model import (
    AgencyTarget,
    AreaRelation,
    CommonTarget,
    Duty,
    Fallback,
    Family,
    LevelRange,
    Of,
    ReporterTarget,
    Rule,
    SuperiorTarget,
    Target,
    TypeTarget,
    When,
)


class Sentence(NamedTuple):
    """The same words in both languages."""

    vi: str
    en: str


_AREAS: Final = {
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
    AreaRelation.FOREST: Sentence("trong khu rừng đã xác định", "in a named forest"),
}
_SCALES: Final = {
    "disaster_risk": Sentence("cấp độ rủi ro thiên tai", "disaster risk level"),
    "civil_defence": Sentence("cấp độ phòng thủ dân sự", "civil-defence level"),
    "forest_fire_danger": Sentence("cấp dự báo cháy rừng", "forest-fire danger level"),
    "river_alert": Sentence("mức báo động lũ", "river alert level"),
}
_SEVERITIES: Final = {
    Severity.EXTREME: Sentence("đặc biệt nghiêm trọng", "extreme"),
    Severity.SEVERE: Sentence("nghiêm trọng", "severe"),
    Severity.MODERATE: Sentence("trung bình", "moderate"),
    Severity.MINOR: Sentence("nhẹ", "minor"),
    Severity.UNKNOWN: Sentence("chưa rõ", "unknown"),
}
_ROLES: Final = {
    Role.LEAD: Sentence("chủ trì", "leads"),
    Role.COMMAND: Sentence("chỉ huy tại hiện trường", "commands on scene"),
    Role.DIRECT: Sentence("chỉ đạo", "directs"),
    Role.ADVISE: Sentence("tham mưu", "advises"),
    Role.COORDINATE: Sentence("phối hợp", "coordinates"),
    Role.INFORM: Sentence("được thông báo", "is informed"),
}
_PLACES: Final = {
    Of.COMMUNE: Sentence("của từng xã liên quan", "of each commune concerned"),
    Of.PROVINCE: Sentence("của từng tỉnh liên quan", "of each province concerned"),
    Of.AREA: Sentence("phụ trách khu vực xảy ra", "responsible for the very area"),
}
_TREES: Final = {
    Tree.ADMINISTRATIVE: Sentence("hệ thống hành chính", "administrative"),
    Tree.MILITARY: Sentence("hệ thống quân sự", "military"),
    Tree.POLICE: Sentence("hệ thống công an", "police"),
    Tree.BORDER_GUARD: Sentence("hệ thống biên phòng", "border guard"),
    Tree.SECTOR: Sentence("ngành dọc", "sector"),
}
_SECONDS: Final = (("giờ", "hour", 3600), ("phút", "minute", 60), ("giây", "second", 1))


def sentence(rule: Rule) -> Sentence:
    """The whole rule as one sentence."""
    conditions = list(_conditions(rule.when))
    duties = [_duty(duty) for duty in rule.assign]
    return Sentence(
        f"Khi xảy ra {', '.join(c.vi for c in conditions)} thì {'; '.join(d.vi for d in duties)}.",
        f"In case of {', '.join(c.en for c in conditions)}: {'; '.join(d.en for d in duties)}.",
    )


def fallback_sentence(fallback: Fallback) -> Sentence:
    """Who gets a report that no rule gives a lead."""
    levels = [target_words(target) for target in (*fallback.levels, fallback.last_resort)]
    return Sentence(
        f"Khi không quy định nào xác định được cơ quan chủ trì thì cấp chắc chắn gần nhất chủ trì, theo thứ tự: "
        f"{'; '.join(level.vi for level in levels)}.",
        f"When no rule gives a lead, the nearest level that is certain leads, in this order: "
        f"{'; '.join(level.en for level in levels)}.",
    )


def role_words(role: Role) -> Sentence:
    """What somebody in this role does."""
    return _ROLES[role]


def area_words(relations: Iterable[AreaRelation]) -> Sentence:
    """An area condition; any one of its relations is enough."""
    return _any_of(_AREAS[relation] for relation in relations)


def level_words(scale: str, levels: LevelRange) -> Sentence:
    """A condition on one scale."""
    name = _SCALES[scale]
    ranges = [Sentence(f"{name.vi} {r.vi}", f"{name.en} {r.en}") for r in _range(levels)]
    if levels.unstated:
        ranges.append(Sentence(f"chưa công bố {name.vi}", f"{name.en} not stated"))
    return _any_of(ranges)


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


def target_words(target: Target) -> Sentence:
    """A recipient named by relation."""
    match target:
        case TypeTarget():
            name, place = Sentence(*AGENCY_TYPES[target.agency_type]), _PLACES[target.of]
            words = Sentence(f"{name.vi} {place.vi}", f"{name.en} {place.en}")
        case SuperiorTarget(superior_of="lead"):
            tree = _TREES[target.tree]
            words = Sentence(f"cấp trên trực tiếp của cơ quan chủ trì ({tree.vi})", f"the lead's {tree.en} superior")
        case SuperiorTarget():
            tree = _TREES[target.tree]
            words = Sentence(f"cấp trên trực tiếp của cơ quan báo ({tree.vi})", f"the reporter's {tree.en} superior")
        case CommonTarget():
            tree = _TREES[target.tree]
            words = Sentence(
                f"cấp trên chung của các xã liên quan ({tree.vi})", f"the {tree.en} common superior of the communes"
            )
        case ReporterTarget():
            words = Sentence("cơ quan báo đầu tiên", "the agency that reported first")
        case AgencyTarget():
            words = Sentence(f"cơ quan {target.agency}", f"agency {target.agency}")
    if target.desk is None:
        return words
    return Sentence(f"{words.vi} (bàn trực {target.desk})", f"{words.en} (desk {target.desk})")


def _conditions(when: When) -> Iterator[Sentence]:
    yield _any_of([_category(named) for named in when.category] or [Sentence("sự việc bất kỳ", "any incident")])
    if when.severity_at_least is not None:
        degree = _SEVERITIES[when.severity_at_least]
        yield Sentence(f"mức độ từ {degree.vi} trở lên", f"severity {degree.en} or above")
    for scale in _SCALES:
        if (levels := getattr(when, scale)) is not None:
            yield level_words(scale, levels)
    if when.area:
        yield area_words(when.area)
    if when.casualties is not None:
        yield (
            Sentence("có thương vong", "with casualties")
            if when.casualties
            else Sentence("không có thương vong", "without casualties")
        )


def _category(named: Category | Family) -> Sentence:
    if isinstance(named, Category):
        name = CATEGORIES[named]
        return Sentence(f"“{name.vi}”", f"“{name.en}”")
    vi, en = FAMILIES[named]
    return Sentence(f"sự việc nhóm “{vi}”", f"an incident of group “{en}”")


def _duty(duty: Duty) -> Sentence:
    who, does = target_words(duty.to), _ROLES[duty.role]
    if duty.acknowledge_within is None:
        return Sentence(f"{who.vi} {does.vi}", f"{who.en} {does.en}")
    limit = duration_words(duty.acknowledge_within)
    return Sentence(
        f"{who.vi} {does.vi} và xác nhận trong {limit.vi}", f"{who.en} {does.en} and acknowledges within {limit.en}"
    )


def duration_words(limit: timedelta) -> Sentence:
    """A time limit in hours, minutes and seconds."""
    left, vi, en = int(limit.total_seconds()), [], []
    for name_vi, name_en, size in _SECONDS:
        count, left = divmod(left, size)
        if count:
            vi.append(f"{count} {name_vi}")
            en.append(f"{count} {name_en}{'s' if count > 1 else ''}")
    return Sentence(" ".join(vi) or "tức thì", " ".join(en) or "no time")


def _any_of(words: Iterable[Sentence]) -> Sentence:
    listed = list(words)
    return Sentence(" hoặc ".join(w.vi for w in listed), " or ".join(w.en for w in listed))
