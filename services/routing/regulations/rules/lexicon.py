"""The words of the two languages by what they mean: every phrase that a rule's sentence can hold. It reads nothing."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from typing import Final, Literal, NamedTuple, TypeVar, get_args

from contracts.codes import Severity
from contracts.register import Tree
from contracts.taxonomy import Category
from services.routing.regulations.rules.agency_types import AGENCY_TYPES, AgencyType
from services.routing.regulations.rules.model import Law
from services.routing.regulations.rules.phrases import (
    UNITS,
    WORK_UNITS,
    Sentence,
    category_words,
    level_words,
    severity_words,
    target_words,
)
from services.routing.regulations.rules.targets import (
    CommonTarget,
    Of,
    OneTarget,
    ReporterTarget,
    SuperiorTarget,
    TypeTarget,
)
from services.routing.regulations.rules.when import Family, LevelRange

Language = Literal["vi", "en"]
MeantT = TypeVar("MeantT")
_LEVELS: Final = (None, 1, 2, 3, 4, 5)


class Phrases(NamedTuple):
    """Where the grammars of the two languages differ."""

    openings: Mapping[str, Law]
    before_duties: str
    disjunction: str
    conjunction: str
    present: tuple[str, str]
    absent: tuple[str, str]
    months: str
    lasting: tuple[str, str, str]
    """Patterns for a time with a lower bound, an upper bound, both."""
    acknowledges: str
    reports: str
    acknowledges_only: str
    escalates: tuple[str, str]
    order: tuple[str, str, str]
    """Before and after the first of the two in the middle, which differ in order between the languages."""
    consent: str
    in_writing: str
    group: str
    desk: str
    agency: str


VIETNAMESE: Final = Phrases(
    openings={"Khi xảy ra ": Law.GENERAL, "Theo luật riêng, khi xảy ra ": Law.SPECIAL},
    before_duties=" thì ",
    disjunction=" hoặc ",
    conjunction=" và ",
    present=("có mặt ", ""),
    absent=("chưa có mặt ", ""),
    months="trong các tháng ",
    lasting=("đã kéo dài từ {} trở lên", "mới kéo dài dưới {}", "đã kéo dài từ {} đến dưới {}"),
    acknowledges=" và xác nhận trong ",
    reports=" và báo cáo trong ",
    acknowledges_only=" mà chỉ cần xác nhận",
    escalates=(", im lặng thì chuyển cấp theo ", ""),
    order=(", lệnh có hiệu lực không quá ", ", trước khi hết hạn ", " thì nhắc "),
    consent=", khi có sự đồng ý của ",
    in_writing=", bằng văn bản trong ",
    group="một trong các nơi (",
    desk=r" \(bàn trực {}\)",
    agency="cơ quan ",
)
ENGLISH: Final = Phrases(
    openings={"In case of ": Law.GENERAL, "By special law, in case of ": Law.SPECIAL},
    before_duties=": ",
    disjunction=" or ",
    conjunction=" and ",
    present=("with ", " on scene"),
    absent=("without ", " on scene"),
    months="in the months ",
    lasting=("lasting for {} or longer", "lasting for less than {}", "lasting for {} or longer but less than {}"),
    acknowledges=" and acknowledges within ",
    reports=" and reports within ",
    acknowledges_only=" and need only acknowledge",
    escalates=(", silence escalating in the ", " tree"),
    order=(", by an order that ends after ", ", with ", " prompted "),
    consent=", with the consent of ",
    in_writing=", in writing within ",
    group="any one of (",
    desk=r" \(desk {}\)",
    agency="agency ",
)


def said_in(words: Sentence, language: Language) -> str:
    """The words in one language."""
    said: str = getattr(words, language)
    return said


@cache
def pattern_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these phrases; of two that begin alike the longer."""
    return re.compile("|".join(map(re.escape, sorted(phrases, key=len, reverse=True))))


@cache
def duration_pattern(language: Language) -> str:
    """A duration as one group of a pattern."""
    names = [vi if language == "vi" else f"{en}s?" for vi, en, _ in UNITS]
    every = [" ".join(rf"\d+ {name}" for name in chosen) for chosen in _runs(names)]
    return f"({'|'.join(sorted(every, key=len, reverse=True))})"


def _runs(names: list[str]) -> Iterable[list[str]]:
    """Every choice of units, in their order."""
    for kept in product((True, False), repeat=len(names)):
        if any(kept):
            yield [name for name, keep in zip(names, kept, strict=True) if keep]


def phrases_of(words: Mapping[MeantT, Sentence], language: Language) -> Mapping[str, MeantT]:
    """Phrase -> what it means."""
    return {said_in(said, language): meant for meant, said in words.items()}


@cache
def work_units(language: Language) -> Mapping[str, str]:
    """The units of working time and the fields they stand for."""
    return {(vi if language == "vi" else en): name for name, (vi, en) in WORK_UNITS.items()}


@cache
def types_in(language: Language) -> Mapping[str, AgencyType]:
    """What each type of agency is called."""
    return {said_in(Sentence(*said), language): kind for kind, said in AGENCY_TYPES.items()}


@cache
def severities_in(language: Language) -> Mapping[str, Severity]:
    """Every condition on the severity."""
    return {said_in(severity_words(s), language): s for s in Severity if s is not Severity.UNKNOWN}


@cache
def categories_in(language: Language) -> Mapping[str, Category | Family]:
    """Every category and family."""
    families: tuple[Family, ...] = get_args(Family)
    named: tuple[Category | Family, ...] = (*Category, *families)
    return {said_in(category_words(name), language): name for name in named}


@cache
def ranges_in(scale: str, language: Language) -> Mapping[str, LevelRange]:
    """Every condition on one scale."""
    bounds = [(low, high) for low, high in product(_LEVELS, repeat=2) if low is None or high is None or low <= high]
    ranges = [
        LevelRange(min=low, max=high, unstated=u)
        for (low, high), u in product(bounds, (True, False))
        if low or high or u
    ]
    return {said_in(level_words(scale, levels), language): levels for levels in ranges}


@cache
def targets_in(language: Language) -> Mapping[str, OneTarget]:
    """Every target without a name of its own."""
    every: list[OneTarget] = [TypeTarget(agency_type=kind, of=of) for kind, of in product(AgencyType, Of)]
    every += [SuperiorTarget(superior_of=of, tree=tree) for of in ("lead", "reporter", "holder") for tree in Tree]
    every += [CommonTarget(common_superior="communes", tree=tree) for tree in Tree]
    every.append(ReporterTarget(reporter="agency"))
    return {said_in(target_words(target), language): target for target in every}
