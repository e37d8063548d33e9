"""Which categories may describe one and the same incident, and for which of them a shared area says so. A table."""

from typing import Final

from contracts.taxonomy import Category

_KIN: Final = (
    frozenset({Category.NAT_STORM, Category.NAT_FLOOD, Category.NAT_SLIDE}),
    frozenset({Category.NAT_FLOOD, Category.INF_DAM}),
    frozenset({Category.NAT_SLIDE, Category.SAR_COLL}),
    frozenset({Category.FIR_BLDG, Category.FIR_IND}),
    frozenset({Category.FIR_IND, Category.CBR_CHEM}),
    frozenset({Category.SAR_COLL, Category.INF_BUILD, Category.INF_WORK}),
    frozenset({Category.SAR_LAND, Category.PUB_MISS}),
    frozenset({Category.SAR_WATER, Category.PUB_MISS}),
    frozenset({Category.SAR_WATER, Category.TRA_RAILW}),
    frozenset({Category.BOR_CROSS, Category.BOR_SMUG}),
    frozenset({Category.ENV_OIL, Category.ENV_WASTE}),
)
"""Sets of categories that different observers give to the same thing. Kinship is not passed on from set to set."""

AREA_WIDE: Final = frozenset(
    {
        *(c for c in Category if c.family == "NAT"),
        Category.FOR_WARN,
        Category.BOR_GATE,
        Category.INF_UTIL,
        Category.HEA_CD,
        Category.HEA_ANI,
        Category.ENV_OIL,
        Category.CBR_RAD,
    }
)
"""What befalls a whole area: one per area and time. Everything else happens at a spot, often twice in one commune."""

NEVER_JOINED: Final = frozenset({Category.RDY_DUTY, Category.RDY_UNIT, Category.RDY_EX})
"""Routine papers: each stands for itself unless its sender says otherwise."""

_LIKE: Final[dict[Category, tuple[Category, ...]]] = {
    category: (category, *sorted({c for kin in _KIN if category in kin for c in kin} - {category}))
    for category in Category
}


def like(category: Category) -> tuple[Category, ...]:
    """The category itself, then those that may describe the same incident."""
    return () if category in NEVER_JOINED else _LIKE[category]
