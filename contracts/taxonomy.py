"""The closed list of what can be filed: 45 incident categories with their names and CAP categories, and nothing else.

The subject of a report is an event and a place. There is no free category and none about opinions, religion,
ethnicity, association or lawful gatherings; PUB-DIS requires violence, damage or blocked emergency access.
"""

from enum import StrEnum
from typing import Final, NamedTuple

from contracts.codes import CapCategory

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
    cap: tuple[CapCategory, ...]


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

CATEGORIES: Final[dict[Category, CategoryName]] = {
    Category.NAT_STORM: CategoryName("Bão, áp thấp nhiệt đới", "Storm, tropical depression", (CapCategory.MET,)),
    Category.NAT_FLOOD: CategoryName("Lũ, ngập lụt", "Flood, inundation", (CapCategory.MET,)),
    Category.NAT_SLIDE: CategoryName(
        "Lũ quét, sạt lở đất, sụt lún",
        "Flash flood, landslide, subsidence",
        (
            CapCategory.GEO,
            CapCategory.MET,
        ),
    ),
    Category.NAT_QUAKE: CategoryName("Động đất, sóng thần", "Earthquake, tsunami", (CapCategory.GEO,)),
    Category.NAT_WX: CategoryName(
        "Lốc, sét, mưa đá, rét hại, nắng nóng",
        "Tornado, lightning, hail, cold, heat",
        (CapCategory.MET,),
    ),
    Category.NAT_DRY: CategoryName(
        "Hạn hán, xâm nhập mặn",
        "Drought, salinity",
        (
            CapCategory.MET,
            CapCategory.ENV,
        ),
    ),
    Category.FOR_WARN: CategoryName(
        "Cấp dự báo cháy rừng (I-V)",
        "Forest-fire danger level",
        (
            CapCategory.FIRE,
            CapCategory.MET,
        ),
    ),
    Category.FOR_FIRE: CategoryName(
        "Cháy rừng",
        "Forest fire",
        (
            CapCategory.FIRE,
            CapCategory.ENV,
        ),
    ),
    Category.FOR_VIOL: CategoryName(
        "Phá rừng, khai thác, săn bắt trái phép",
        "Illegal logging, clearing, poaching",
        (
            CapCategory.ENV,
            CapCategory.SECURITY,
        ),
    ),
    Category.FIR_BLDG: CategoryName(
        "Cháy nhà, khu dân cư, nhà cao tầng",
        "Building / residential fire",
        (CapCategory.FIRE,),
    ),
    Category.FIR_IND: CategoryName(
        "Cháy, nổ cơ sở, kho, phương tiện",
        "Industrial, depot, vehicle fire or explosion",
        (
            CapCategory.FIRE,
            CapCategory.SAFETY,
        ),
    ),
    Category.SAR_LAND: CategoryName(
        "Lạc, gặp nạn trong rừng, núi",
        "Lost or in distress on land",
        (CapCategory.RESCUE,),
    ),
    Category.SAR_WATER: CategoryName("Đuối nước, sông hồ", "Drowning, inland water", (CapCategory.RESCUE,)),
    Category.SAR_SEA: CategoryName(
        "Tàu thuyền gặp nạn trên biển, vùng nước cảng",
        "Vessel in distress",
        (
            CapCategory.RESCUE,
            CapCategory.TRANSPORT,
        ),
    ),
    Category.SAR_AIR: CategoryName(
        "Sự cố tàu bay",
        "Aircraft accident",
        (
            CapCategory.RESCUE,
            CapCategory.TRANSPORT,
        ),
    ),
    Category.SAR_COLL: CategoryName(
        "Sập đổ, vùi lấp, mắc kẹt",
        "Collapse, burial, entrapment",
        (
            CapCategory.RESCUE,
            CapCategory.INFRA,
        ),
    ),
    Category.BOR_CROSS: CategoryName(
        "Xuất nhập cảnh, vượt biên trái phép (sự việc)",
        "Unlawful crossing event",
        (CapCategory.SECURITY,),
    ),
    Category.BOR_MARK: CategoryName(
        "Sự cố mốc giới, công trình biên giới",
        "Boundary marker or works damaged",
        (
            CapCategory.SECURITY,
            CapCategory.INFRA,
        ),
    ),
    Category.BOR_SMUG: CategoryName(
        "Buôn lậu, mua bán người qua biên giới",
        "Smuggling, trafficking event",
        (CapCategory.SECURITY,),
    ),
    Category.BOR_GATE: CategoryName(
        "Hạn chế, tạm dừng hoạt động/qua lại",
        "Restriction or suspension at border belt, area or gate",
        (
            CapCategory.SECURITY,
            CapCategory.TRANSPORT,
        ),
    ),
    Category.PUB_VIOL: CategoryName(
        "Hành vi bạo lực, đe dọa tính mạng",
        "Violence, threat to life",
        (
            CapCategory.SECURITY,
            CapCategory.SAFETY,
        ),
    ),
    Category.PUB_DIS: CategoryName(
        "Gây rối có bạo lực, hủy hoại tài sản, chặn đường cứu hộ",
        "Disorder with violence, damage or blocked emergency access",
        (CapCategory.SECURITY,),
    ),
    Category.PUB_DRUG: CategoryName("Vụ việc ma túy", "Drug offence event", (CapCategory.SECURITY,)),
    Category.PUB_UXO: CategoryName(
        "Bom mìn, vật nổ, vũ khí phát hiện",
        "UXO, explosives or weapons found",
        (
            CapCategory.SAFETY,
            CapCategory.CBRNE,
        ),
    ),
    Category.PUB_TERR: CategoryName("Khủng bố, bắt cóc con tin", "Terrorism, hostage", (CapCategory.SECURITY,)),
    Category.PUB_MISS: CategoryName(
        "Người mất tích",
        "Missing person (safety)",
        (
            CapCategory.SAFETY,
            CapCategory.RESCUE,
        ),
    ),
    Category.TRA_ROAD: CategoryName("Tai nạn đường bộ", "Road accident", (CapCategory.TRANSPORT,)),
    Category.TRA_RAILW: CategoryName(
        "Tai nạn đường sắt, đường thủy nội địa",
        "Rail / inland-waterway accident",
        (CapCategory.TRANSPORT,),
    ),
    Category.INF_DAM: CategoryName(
        "Sự cố đập, hồ chứa, đê điều",
        "Dam, reservoir, dyke",
        (
            CapCategory.INFRA,
            CapCategory.GEO,
        ),
    ),
    Category.INF_UTIL: CategoryName(
        "Mất điện, viễn thông, nước diện rộng",
        "Power, telecom, water outage",
        (CapCategory.INFRA,),
    ),
    Category.INF_BUILD: CategoryName(
        "Sự cố công trình xây dựng",
        "Construction-works incident",
        (
            CapCategory.INFRA,
            CapCategory.SAFETY,
        ),
    ),
    Category.INF_WORK: CategoryName(
        "Tai nạn lao động nghiêm trọng",
        "Serious workplace accident",
        (CapCategory.SAFETY,),
    ),
    Category.HEA_CD: CategoryName("Bệnh truyền nhiễm, ổ dịch", "Communicable disease", (CapCategory.HEALTH,)),
    Category.HEA_FOOD: CategoryName(
        "Ngộ độc tập thể, thương vong hàng loạt",
        "Mass poisoning / casualty",
        (CapCategory.HEALTH,),
    ),
    Category.HEA_ANI: CategoryName(
        "Dịch bệnh động vật",
        "Animal disease",
        (
            CapCategory.HEALTH,
            CapCategory.ENV,
        ),
    ),
    Category.ENV_OIL: CategoryName("Tràn dầu", "Oil spill", (CapCategory.ENV,)),
    Category.ENV_WASTE: CategoryName("Sự cố chất thải, ô nhiễm", "Waste, pollution", (CapCategory.ENV,)),
    Category.CBR_CHEM: CategoryName(
        "Sự cố hóa chất độc",
        "Toxic chemical",
        (
            CapCategory.CBRNE,
            CapCategory.ENV,
        ),
    ),
    Category.CBR_RAD: CategoryName("Sự cố bức xạ, hạt nhân", "Radiological, nuclear", (CapCategory.CBRNE,)),
    Category.CYB_SYS: CategoryName(
        "Sự cố an toàn thông tin mạng",
        "Information-system incident",
        (
            CapCategory.INFRA,
            CapCategory.SECURITY,
        ),
    ),
    Category.CYB_DATA: CategoryName(
        "Lộ, mất dữ liệu cá nhân",
        "Personal-data breach",
        (
            CapCategory.INFRA,
            CapCategory.OTHER,
        ),
    ),
    Category.RDY_DUTY: CategoryName("Báo cáo trực ban, giao ban", "Duty / shift report", (CapCategory.OTHER,)),
    Category.RDY_UNIT: CategoryName(
        "Tình trạng lực lượng, phương tiện (không mật)",
        "Force and resource status (unclassified only)",
        (CapCategory.OTHER,),
    ),
    Category.RDY_EX: CategoryName("Diễn tập, luyện tập", "Exercise, drill", (CapCategory.OTHER,)),
    Category.RDY_AIR: CategoryName(
        "Phương tiện bay không người lái, vật thể lạ",
        "Drone / unknown object sighting",
        (
            CapCategory.SECURITY,
            CapCategory.SAFETY,
        ),
    ),
}
