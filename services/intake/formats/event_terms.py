"""Which of our categories the event of a CAP alert is, by a closed table of terms; no other term decides.

The CAP category alone never decides: each of the twelve covers several of ours that go to different agencies.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from contracts.taxonomy import Category
from contracts.text import fold

_TERMS: Final[Mapping[Category, str]] = {
    Category.NAT_STORM: "tropical storm|tropical depression|tropical cyclone|cyclone|hurricane|typhoon|storm surge"
    "|storm|bão|áp thấp nhiệt đới|bão nhiệt đới|nước dâng do bão",
    Category.NAT_FLOOD: "flood|floods|flooding|inundation|coastal flood|river flood|urban flood"
    "|lũ|lũ lụt|ngập|ngập lụt|ngập úng|lụt|triều cường",
    Category.NAT_SLIDE: "flash flood|flash flooding|landslide|landslides|mudslide|debris flow|rockfall|subsidence"
    "|avalanche|lũ quét|sạt lở|sạt lở đất|lũ ống|sụt lún|sụt lún đất|lở đất|đá lở",
    Category.NAT_QUAKE: "earthquake|earthquakes|aftershock|tsunami|động đất|sóng thần|dư chấn",
    Category.NAT_WX: "thunderstorm|thunderstorms|severe weather|tornado|tornadoes|waterspout|lightning|hail|hailstorm"
    "|high wind|extreme wind|gale|squall|blizzard|winter storm|ice storm|snow|snowstorm|dust storm|frost|freeze"
    "|extreme cold|cold wave|cold spell|heat|heat wave|heatwave|extreme heat|heavy rain|dense fog"
    "|dông|dông lốc|lốc|lốc xoáy|sét|mưa đá|mưa lớn|mưa to|rét hại|rét đậm|băng giá|sương muối|nắng nóng|gió mạnh",
    Category.NAT_DRY: "drought|salinity|saltwater intrusion|saline intrusion|hạn hán|khô hạn|xâm nhập mặn|nước mặn",
    Category.FOR_WARN: "red flag warning|fire weather|fire danger|forest fire danger|cảnh báo cháy rừng"
    "|dự báo cháy rừng|nguy cơ cháy rừng|cấp cháy rừng",
    Category.FOR_FIRE: "wildfire|wild fire|wildfires|bush fire|bushfire|forest fire|grass fire|cháy rừng",
    Category.FOR_VIOL: "illegal logging|poaching|deforestation|phá rừng|khai thác rừng trái phép|săn bắt trái phép",
    Category.FIR_BLDG: "building fire|house fire|residential fire|structure fire|cháy nhà|cháy chung cư|cháy nhà dân",
    Category.FIR_IND: "industrial fire|factory fire|vehicle fire|explosion|industrial explosion|gas explosion"
    "|depot fire|cháy nhà máy|cháy kho|cháy xưởng|cháy xe|cháy nổ|nổ khí",
    Category.SAR_LAND: "missing hiker|lost in forest|mountain rescue|lạc rừng|lạc trong rừng|gặp nạn trên núi",
    Category.SAR_WATER: "drowning|water rescue|đuối nước",
    Category.SAR_SEA: "vessel in distress|ship in distress|maritime distress|boat capsized|ship sinking|man overboard"
    "|tàu gặp nạn|thuyền gặp nạn|tàu thuyền gặp nạn|tàu cá gặp nạn|chìm tàu|lật thuyền|tàu mất tích|tàu cá mất tích",
    Category.SAR_AIR: "aircraft accident|aircraft crash|plane crash|aviation accident|sự cố tàu bay|tai nạn máy bay"
    "|rơi máy bay",
    Category.SAR_COLL: "building collapse|structural collapse|collapse|entrapment|sập nhà|sập đổ"
    "|sập công trình|vùi lấp",
    Category.BOR_GATE: "border closure|border gate closure|đóng cửa khẩu|tạm dừng cửa khẩu",
    Category.PUB_VIOL: "active shooter|shooting|violence",
    Category.PUB_UXO: "unexploded ordnance|uxo|bomb found|bom mìn|vật nổ|bom",
    Category.PUB_TERR: "terrorist attack|terrorism|hostage|khủng bố|bắt cóc con tin",
    Category.PUB_MISS: "child abduction|amber alert|missing child|missing person|missing endangered person|silver alert"
    "|người mất tích|mất tích|trẻ mất tích|bắt cóc trẻ em",
    Category.TRA_ROAD: "road accident|traffic accident|vehicle accident|road traffic accident|tai nạn giao thông"
    "|tai nạn đường bộ",
    Category.TRA_RAILW: "train accident|rail accident|railway accident|train derailment|derailment|tai nạn đường sắt"
    "|tai nạn đường thủy|trật bánh tàu",
    Category.INF_DAM: "dam break|dam failure|dam failing|levee failure|levee breach|dyke breach|vỡ đập|sự cố đập|vỡ đê"
    "|sự cố đê điều|xả lũ",
    Category.INF_UTIL: "power outage|blackout|telephone outage|telecommunications outage|water outage"
    "|911 telephone outage emergency|mất điện|mất nước|mất liên lạc viễn thông",
    Category.INF_BUILD: "construction accident|sự cố công trình|sự cố công trình xây dựng",
    Category.INF_WORK: "workplace accident|industrial accident|tai nạn lao động",
    Category.HEA_CD: "epidemic|pandemic|disease outbreak|outbreak|dịch bệnh|bệnh truyền nhiễm|ổ dịch",
    Category.HEA_FOOD: "food poisoning|mass poisoning|mass casualty incident|ngộ độc thực phẩm|ngộ độc tập thể|ngộ độc",
    Category.HEA_ANI: "animal disease|african swine fever|avian influenza|bird flu|dịch bệnh động vật|dịch tả lợn"
    "|dịch tả lợn châu phi|cúm gia cầm",
    Category.ENV_OIL: "oil spill|tràn dầu",
    Category.ENV_WASTE: "pollution|water pollution|waste spill|sewage spill|ô nhiễm|ô nhiễm môi trường|sự cố chất thải",
    Category.CBR_CHEM: "chemical spill|chemical release|hazardous materials|toxic release|gas leak|rò rỉ hóa chất"
    "|sự cố hóa chất|rò rỉ khí độc",
    Category.CBR_RAD: "radiological hazard|radiological|nuclear accident|nuclear power plant|radiation"
    "|sự cố bức xạ|sự cố hạt nhân|rò rỉ phóng xạ",
    Category.CYB_SYS: "cyber attack|cyberattack|ransomware|tấn công mạng|mã độc",
    Category.CYB_DATA: "data breach|lộ dữ liệu|lộ dữ liệu cá nhân",
    Category.RDY_AIR: "drone sighting|unidentified object|vật thể lạ",
}

_SAME: Final[Mapping[str, Category]] = {
    **dict.fromkeys(("HUA", "HUW", "TRA", "TRW", "TYA", "TYW", "SSA", "SSW"), Category.NAT_STORM),
    **dict.fromkeys(("CFA", "CFW", "FLA", "FLW", "FLS"), Category.NAT_FLOOD),
    **dict.fromkeys(("FFA", "FFW", "FFS", "AVA", "AVW"), Category.NAT_SLIDE),
    **dict.fromkeys(("EQW", "TSA", "TSW"), Category.NAT_QUAKE),
    **dict.fromkeys(("SVA", "SVR", "TOA", "TOR", "HWA", "HWW", "EWW", "WSA", "WSW", "BZW", "DSW"), Category.NAT_WX),
    "CAE": Category.PUB_MISS,
    "HMW": Category.CBR_CHEM,
    **dict.fromkeys(("NUW", "RHW"), Category.CBR_RAD),
    "TOE": Category.INF_UTIL,
}
"""Event codes of the US Specific Area Message Encoding (47 CFR 11.31) that name one of our categories."""


def _plain(text: str) -> str:
    """Lower case, NFC, single blanks; tone and vowel marks stay."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


_MARKED: Final = {_plain(term): category for category, terms in _TERMS.items() for term in terms.split("|")}
_UNMARKED: Final = {fold(term): category for term, category in _MARKED.items() if term.isascii() or " " in term}
"""For events typed without marks; short Vietnamese words are left out: `bao` is also the end of `canh bao`."""
_WHOLE: Final = {fold(term): category for term, category in _MARKED.items()}
_LONGEST: Final = max(len(term.split()) for term in _MARKED)


def category_of_event(event: str) -> Category | None:
    """The one category whose terms stand in the text, longest term first; None when there is none or more than one."""
    text = _plain(event)
    if text.isascii() and text in _WHOLE:
        return _WHOLE[text]
    found = set(_found(re.findall(r"\w+", text), _UNMARKED if text.isascii() else _MARKED))
    return found.pop() if len(found) == 1 else None


def category_of_same_code(code: str) -> Category | None:
    """The category of a SAME event code such as `EQW`."""
    return _SAME.get(code.strip())


def _found(words: list[str], terms: Mapping[str, Category]) -> Iterator[Category]:
    """The category of each term, reading on behind it: `flash flood` is no `flood`."""
    start = 0
    while start < len(words):
        for length in range(_LONGEST, 0, -1):
            if category := terms.get(" ".join(words[start : start + length])):
                yield category
                start += length
                break
        else:
            start += 1
