"""The closed list of what can be filed: 45 incident categories with their names and CAP categories, and nothing else.

The subject of a report is an event and a place. There is no free category and none about opinions, religion,
ethnicity, association or lawful gatherings; PUB-DIS requires violence, damage or blocked emergency access.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from contracts.codes import CapCategory as Cap

TAXONOMY_VERSION: Final = "2026-11"


class Category(StrEnum):
    """An incident category; the part before the hyphen is its family."""

    NAT_STORM = "NAT-STORM"
    NAT_FLOOD = "NAT-FLOOD"
    NAT_SLIDE = "NAT-SLIDE"
    NAT_QUAKE = "NAT-QUAKE"
    NAT_WX = "NAT-WX"
    NAT_DRY = "NAT-DRY"
    FOR_WARN = "FOR-WARN"
    FOR_FIRE = "FOR-FIRE"
    FOR_VIOL = "FOR-VIOL"
    FIR_BLDG = "FIR-BLDG"
    FIR_IND = "FIR-IND"
    SAR_LAND = "SAR-LAND"
    SAR_WATER = "SAR-WATER"
    SAR_SEA = "SAR-SEA"
    SAR_AIR = "SAR-AIR"
    SAR_COLL = "SAR-COLL"
    BOR_CROSS = "BOR-CROSS"
    BOR_MARK = "BOR-MARK"
    BOR_SMUG = "BOR-SMUG"
    BOR_GATE = "BOR-GATE"
    PUB_VIOL = "PUB-VIOL"
    PUB_DIS = "PUB-DIS"
    PUB_DRUG = "PUB-DRUG"
    PUB_UXO = "PUB-UXO"
    PUB_TERR = "PUB-TERR"
    PUB_MISS = "PUB-MISS"
    TRA_ROAD = "TRA-ROAD"
    TRA_RAILW = "TRA-RAILW"
    INF_DAM = "INF-DAM"
    INF_UTIL = "INF-UTIL"
    INF_BUILD = "INF-BUILD"
    INF_WORK = "INF-WORK"
    HEA_CD = "HEA-CD"
    HEA_FOOD = "HEA-FOOD"
    HEA_ANI = "HEA-ANI"
    ENV_OIL = "ENV-OIL"
    ENV_WASTE = "ENV-WASTE"
    CBR_CHEM = "CBR-CHEM"
    CBR_RAD = "CBR-RAD"
    CYB_SYS = "CYB-SYS"
    CYB_DATA = "CYB-DATA"
    RDY_DUTY = "RDY-DUTY"
    RDY_UNIT = "RDY-UNIT"
    RDY_EX = "RDY-EX"
    RDY_AIR = "RDY-AIR"

    @property
    def family(self) -> str:
        """The three-letter family code, for example `NAT`."""
        return self.value[:3]


class CategoryName(NamedTuple):
    """What a category is called, and its CAP categories, primary first."""

    vi: str
    en: str
    cap: tuple[Cap, ...]


FAMILIES: Final[dict[str, tuple[str, str]]] = {
    "NAT": ("Thiên tai", "Natural hazard"),
    "FOR": ("Rừng", "Forest"),
    "FIR": ("Cháy, nổ", "Fire, explosion"),
    "SAR": ("Tìm kiếm cứu nạn", "Search and rescue"),
    "BOR": ("Biên giới", "Border"),
    "PUB": ("Trật tự công cộng", "Public order and safety"),
    "TRA": ("Giao thông", "Transport"),
    "INF": ("Hạ tầng, lao động", "Infrastructure, workplace"),
    "HEA": ("Y tế, thú y", "Health"),
    "ENV": ("Môi trường", "Environment"),
    "CBR": ("Hóa chất, bức xạ", "Chemical, radiological"),
    "CYB": ("An toàn hệ thống thông tin", "Cyber"),
    "RDY": ("Sẵn sàng", "Readiness"),
}


def _named(vi: str, en: str, *cap: Cap) -> CategoryName:
    return CategoryName(vi, en, cap)


CATEGORIES: Final[dict[Category, CategoryName]] = {
    Category.NAT_STORM: _named("Bão, áp thấp nhiệt đới", "Storm, tropical depression", Cap.MET),
    Category.NAT_FLOOD: _named("Lũ, ngập lụt", "Flood, inundation", Cap.MET),
    Category.NAT_SLIDE: _named("Lũ quét, sạt lở đất, sụt lún", "Flash flood, landslide, subsidence", Cap.GEO, Cap.MET),
    Category.NAT_QUAKE: _named("Động đất, sóng thần", "Earthquake, tsunami", Cap.GEO),
    Category.NAT_WX: _named("Lốc, sét, mưa đá, rét hại, nắng nóng", "Tornado, lightning, hail, cold, heat", Cap.MET),
    Category.NAT_DRY: _named("Hạn hán, xâm nhập mặn", "Drought, salinity", Cap.MET, Cap.ENV),
    Category.FOR_WARN: _named("Cấp dự báo cháy rừng (I-V)", "Forest-fire danger level", Cap.FIRE, Cap.MET),
    Category.FOR_FIRE: _named("Cháy rừng", "Forest fire", Cap.FIRE, Cap.ENV),
    Category.FOR_VIOL: _named(
        "Phá rừng, khai thác, săn bắt trái phép", "Illegal logging, clearing, poaching", Cap.ENV, Cap.SECURITY
    ),
    Category.FIR_BLDG: _named("Cháy nhà, khu dân cư, nhà cao tầng", "Building / residential fire", Cap.FIRE),
    Category.FIR_IND: _named(
        "Cháy, nổ cơ sở, kho, phương tiện", "Industrial, depot, vehicle fire or explosion", Cap.FIRE, Cap.SAFETY
    ),
    Category.SAR_LAND: _named("Lạc, gặp nạn trong rừng, núi", "Lost or in distress on land", Cap.RESCUE),
    Category.SAR_WATER: _named("Đuối nước, sông hồ", "Drowning, inland water", Cap.RESCUE),
    Category.SAR_SEA: _named(
        "Tàu thuyền gặp nạn trên biển, vùng nước cảng", "Vessel in distress", Cap.RESCUE, Cap.TRANSPORT
    ),
    Category.SAR_AIR: _named("Sự cố tàu bay", "Aircraft accident", Cap.RESCUE, Cap.TRANSPORT),
    Category.SAR_COLL: _named("Sập đổ, vùi lấp, mắc kẹt", "Collapse, burial, entrapment", Cap.RESCUE, Cap.INFRA),
    Category.BOR_CROSS: _named(
        "Xuất nhập cảnh, vượt biên trái phép (sự việc)", "Unlawful crossing event", Cap.SECURITY
    ),
    Category.BOR_MARK: _named(
        "Sự cố mốc giới, công trình biên giới", "Boundary marker or works damaged", Cap.SECURITY, Cap.INFRA
    ),
    Category.BOR_SMUG: _named("Buôn lậu, mua bán người qua biên giới", "Smuggling, trafficking event", Cap.SECURITY),
    Category.BOR_GATE: _named(
        "Hạn chế, tạm dừng hoạt động/qua lại",
        "Restriction or suspension at border belt, area or gate",
        Cap.SECURITY,
        Cap.TRANSPORT,
    ),
    Category.PUB_VIOL: _named(
        "Hành vi bạo lực, đe dọa tính mạng", "Violence, threat to life", Cap.SECURITY, Cap.SAFETY
    ),
    Category.PUB_DIS: _named(
        "Gây rối có bạo lực, hủy hoại tài sản, chặn đường cứu hộ",
        "Disorder with violence, damage or blocked emergency access",
        Cap.SECURITY,
    ),
    Category.PUB_DRUG: _named("Vụ việc ma túy", "Drug offence event", Cap.SECURITY),
    Category.PUB_UXO: _named(
        "Bom mìn, vật nổ, vũ khí phát hiện", "UXO, explosives or weapons found", Cap.SAFETY, Cap.CBRNE
    ),
    Category.PUB_TERR: _named("Khủng bố, bắt cóc con tin", "Terrorism, hostage", Cap.SECURITY),
    Category.PUB_MISS: _named("Người mất tích", "Missing person (safety)", Cap.SAFETY, Cap.RESCUE),
    Category.TRA_ROAD: _named("Tai nạn đường bộ", "Road accident", Cap.TRANSPORT),
    Category.TRA_RAILW: _named(
        "Tai nạn đường sắt, đường thủy nội địa", "Rail / inland-waterway accident", Cap.TRANSPORT
    ),
    Category.INF_DAM: _named("Sự cố đập, hồ chứa, đê điều", "Dam, reservoir, dyke", Cap.INFRA, Cap.GEO),
    Category.INF_UTIL: _named("Mất điện, viễn thông, nước diện rộng", "Power, telecom, water outage", Cap.INFRA),
    Category.INF_BUILD: _named("Sự cố công trình xây dựng", "Construction-works incident", Cap.INFRA, Cap.SAFETY),
    Category.INF_WORK: _named("Tai nạn lao động nghiêm trọng", "Serious workplace accident", Cap.SAFETY),
    Category.HEA_CD: _named("Bệnh truyền nhiễm, ổ dịch", "Communicable disease", Cap.HEALTH),
    Category.HEA_FOOD: _named("Ngộ độc tập thể, thương vong hàng loạt", "Mass poisoning / casualty", Cap.HEALTH),
    Category.HEA_ANI: _named("Dịch bệnh động vật", "Animal disease", Cap.HEALTH, Cap.ENV),
    Category.ENV_OIL: _named("Tràn dầu", "Oil spill", Cap.ENV),
    Category.ENV_WASTE: _named("Sự cố chất thải, ô nhiễm", "Waste, pollution", Cap.ENV),
    Category.CBR_CHEM: _named("Sự cố hóa chất độc", "Toxic chemical", Cap.CBRNE, Cap.ENV),
    Category.CBR_RAD: _named("Sự cố bức xạ, hạt nhân", "Radiological, nuclear", Cap.CBRNE),
    Category.CYB_SYS: _named("Sự cố an toàn thông tin mạng", "Information-system incident", Cap.INFRA, Cap.SECURITY),
    Category.CYB_DATA: _named("Lộ, mất dữ liệu cá nhân", "Personal-data breach", Cap.INFRA, Cap.OTHER),
    Category.RDY_DUTY: _named("Báo cáo trực ban, giao ban", "Duty / shift report", Cap.OTHER),
    Category.RDY_UNIT: _named(
        "Tình trạng lực lượng, phương tiện (không mật)", "Force and resource status (unclassified only)", Cap.OTHER
    ),
    Category.RDY_EX: _named("Diễn tập, luyện tập", "Exercise, drill", Cap.OTHER),
    Category.RDY_AIR: _named(
        "Phương tiện bay không người lái, vật thể lạ", "Drone / unknown object sighting", Cap.SECURITY, Cap.SAFETY
    ),
}
