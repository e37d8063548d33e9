"""The closed list of agency types a rule may address, and what each is called in a sentence."""

from enum import StrEnum
from typing import Final

from contracts.register import Tree


class AgencyType(StrEnum):
    """Type codes of the register, as the Vietnamese abbreviations: X commune, H district (until 2025), T province."""

    UBND_X = "UBND-X"
    UBND_H = "UBND-H"
    UBND_T = "UBND-T"
    CP = "CP"
    PTDS_X = "PTDS-X"
    PTDS_T = "PTDS-T"
    PTDS_QG = "PTDS-QG"
    QS_X = "QS-X"
    QS_H = "QS-H"
    QS_T = "QS-T"
    PTKV = "PTKV"
    QK = "QK"
    BQP = "BQP"
    BP_D = "BP-D"
    BP_T = "BP-T"
    BP_TW = "BP-TW"
    CA_X = "CA-X"
    CA_H = "CA-H"
    CA_T = "CA-T"
    BCA = "BCA"
    KL_H = "KL-H"
    KL_T = "KL-T"
    CR = "CR"
    NNMT_T = "NNMT-T"
    NNMT_TW = "NNMT-TW"
    YT_X = "YT-X"
    YT_T = "YT-T"
    YT_TW = "YT-TW"
    CT_T = "CT-T"
    CT_TW = "CT-TW"
    XD_T = "XD-T"
    XD_TW = "XD-TW"
    KHCN_T = "KHCN-T"
    KHCN_TW = "KHCN-TW"
    NV_T = "NV-T"
    NV_TW = "NV-TW"
    NG_TW = "NG-TW"
    TC_TW = "TC-TW"
    HQ = "HQ"
    MRCC = "MRCC"
    CSB = "CSB"
    CVHH = "CVHH"
    OWN = "OWN"


AGENCY_TYPES: Final[dict[AgencyType, tuple[str, str]]] = {
    AgencyType.UBND_X: ("Ủy ban nhân dân cấp xã", "the commune People's Committee"),
    AgencyType.UBND_H: ("Ủy ban nhân dân cấp huyện", "the district People's Committee"),
    AgencyType.UBND_T: ("Ủy ban nhân dân cấp tỉnh", "the provincial People's Committee"),
    AgencyType.CP: ("Chính phủ, Thủ tướng Chính phủ", "the Government and the Prime Minister"),
    AgencyType.PTDS_X: ("Ban Chỉ huy phòng thủ dân sự cấp xã", "the commune civil-defence command"),
    AgencyType.PTDS_T: ("Ban Chỉ huy phòng thủ dân sự cấp tỉnh", "the provincial civil-defence command"),
    AgencyType.PTDS_QG: (
        "Ban Chỉ đạo Phòng thủ dân sự quốc gia",
        "the National Civil Defence Steering Committee",
    ),
    AgencyType.QS_X: ("Ban Chỉ huy quân sự cấp xã", "the commune military command"),
    AgencyType.QS_H: ("Ban Chỉ huy quân sự cấp huyện", "the district military command"),
    AgencyType.QS_T: ("Bộ Chỉ huy quân sự cấp tỉnh", "the provincial military command"),
    AgencyType.PTKV: ("Ban Chỉ huy phòng thủ khu vực", "the area defence command"),
    AgencyType.QK: ("Bộ Tư lệnh quân khu", "the military region command"),
    AgencyType.BQP: ("Bộ Quốc phòng", "the Ministry of National Defence"),
    AgencyType.BP_D: ("Đồn Biên phòng", "the border guard station"),
    AgencyType.BP_T: ("Ban Chỉ huy Bộ đội Biên phòng cấp tỉnh", "the provincial border guard command"),
    AgencyType.BP_TW: ("Bộ Tư lệnh Bộ đội Biên phòng", "the Border Guard High Command"),
    AgencyType.CA_X: ("Công an cấp xã", "the commune police"),
    AgencyType.CA_H: ("Công an cấp huyện", "the district police"),
    AgencyType.CA_T: ("Công an cấp tỉnh", "the provincial police"),
    AgencyType.BCA: ("Bộ Công an", "the Ministry of Public Security"),
    AgencyType.KL_H: ("Hạt Kiểm lâm", "the forest ranger station"),
    AgencyType.KL_T: ("Chi cục Kiểm lâm", "the provincial forest protection sub-department"),
    AgencyType.CR: ("chủ rừng", "the forest owner"),
    AgencyType.NNMT_T: ("Sở Nông nghiệp và Môi trường", "the Department of Agriculture and Environment"),
    AgencyType.NNMT_TW: ("Bộ Nông nghiệp và Môi trường", "the Ministry of Agriculture and Environment"),
    AgencyType.YT_X: ("Trạm Y tế cấp xã", "the commune health station"),
    AgencyType.YT_T: ("Sở Y tế", "the Department of Health"),
    AgencyType.YT_TW: ("Bộ Y tế", "the Ministry of Health"),
    AgencyType.CT_T: ("Sở Công Thương", "the Department of Industry and Trade"),
    AgencyType.CT_TW: ("Bộ Công Thương", "the Ministry of Industry and Trade"),
    AgencyType.XD_T: ("Sở Xây dựng", "the Department of Construction"),
    AgencyType.XD_TW: ("Bộ Xây dựng", "the Ministry of Construction"),
    AgencyType.KHCN_T: ("Sở Khoa học và Công nghệ", "the Department of Science and Technology"),
    AgencyType.KHCN_TW: ("Bộ Khoa học và Công nghệ", "the Ministry of Science and Technology"),
    AgencyType.NV_T: ("Sở Nội vụ", "the Department of Home Affairs"),
    AgencyType.NV_TW: ("Bộ Nội vụ", "the Ministry of Home Affairs"),
    AgencyType.NG_TW: ("Bộ Ngoại giao", "the Ministry of Foreign Affairs"),
    AgencyType.TC_TW: ("Bộ Tài chính", "the Ministry of Finance"),
    AgencyType.HQ: ("Hải quan khu vực", "the regional customs"),
    AgencyType.MRCC: (
        "Trung tâm Phối hợp tìm kiếm cứu nạn hàng hải",
        "the Maritime Rescue Coordination Centre",
    ),
    AgencyType.CSB: ("Cảnh sát biển", "the Coast Guard"),
    AgencyType.CVHH: ("Cảng vụ hàng hải", "the maritime port authority"),
    AgencyType.OWN: ("chủ công trình, chủ cơ sở", "the facility owner"),
}

_TREES: Final[dict[str, Tree]] = {
    "UBND": Tree.ADMINISTRATIVE,
    "PTDS": Tree.ADMINISTRATIVE,
    "CP": Tree.ADMINISTRATIVE,
    "QS": Tree.MILITARY,
    "PTKV": Tree.MILITARY,
    "QK": Tree.MILITARY,
    "BQP": Tree.MILITARY,
    "CSB": Tree.MILITARY,
    "CA": Tree.POLICE,
    "BCA": Tree.POLICE,
    "BP": Tree.BORDER_GUARD,
}

COMMUNE_LEVEL: Final[dict[Tree, str]] = {
    Tree.ADMINISTRATIVE: AgencyType.UBND_X,
    Tree.MILITARY: AgencyType.QS_X,
    Tree.POLICE: AgencyType.CA_X,
    Tree.BORDER_GUARD: AgencyType.BP_D,
    Tree.SECTOR: AgencyType.KL_H,
}
"""Where a common superior of communes is looked for: the agency of each commune at the foot of each tree."""


def own_tree(agency_type: str) -> Tree:
    """The tree in which an agency of this type is commanded; silence escalates there unless the rule says otherwise."""
    return _TREES.get(agency_type.split("-", maxsplit=1)[0], Tree.SECTOR)
