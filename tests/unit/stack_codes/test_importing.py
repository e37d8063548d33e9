"""The list is what the package says, plus the dated changes a public page confirms, and nothing else."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from services.runtime.register.admin_units import parse_units
from services.stack.codes.importing import SourceError, document, rows

REFERENCE = Path(__file__).parents[3] / "deploy" / "reference"
NOW = ("province", "ward", "provinceCode", "wardCode", "provinceKey", "wardKey")
BEFORE = ("province", "district", "ward", "provinceCode", "districtCode", "wardCode")
KEYS = ("provinceKey", "districtKey", "wardKey")
NEW = [
    ("Tỉnh Bắc Ninh", "Xã Xuân Lương", "24", "07246", "tinhbacninh", "xaxuanluong"),
    ("Thành phố Huế", "Phường Vỹ Dạ", "46", "19777", "thanhphohue", "phuongvyda"),
]
OLD = [
    ("Tỉnh Bắc Giang", "Huyện Yên Thế", "Xã Canh Nậu", "24", "215", "07246", "bacgiang", "yenthe", "canhnau"),
    ("Tỉnh Bắc Giang", "Huyện Yên Thế", "Xã Xuân Lương", "24", "215", "07249", "bacgiang", "yenthe", "xuanluong"),
    ("Tỉnh Bắc Ninh", "Thành phố Bắc Ninh", "Phường Vũ Ninh", "27", "256", "09163", "bacninh", "tpbacninh", "vuninh"),
    ("Thành phố Huế", "Quận Thuận Hóa", "Phường Vỹ Dạ", "46", "474", "19777", "thanhphohue", "thuanhoa", "vyda"),
]
MAPPING = {
    "DICT_PROVINCE": {"tinhbacninh": ["bacgiang", "bacninh"], "thanhphohue": ["thanhphohue"]},
    "DICT_PROVINCE_WARD_NO_DIVIDED": {
        "tinhbacninh": {"xaxuanluong": ["bacgiang_yenthe_canhnau"]},
        "thanhphohue": {"phuongvyda": ["thanhphohue_thuanhoa_vyda"]},
    },
    "DICT_PROVINCE_WARD_DIVIDED": {"tinhbacninh": {"bacgiang_yenthe_xuanluong": [{"newWardKey": "xaxuanluong"}]}},
}


def package(folder: Path) -> Path:
    """A package of two present and three former communes in the form of the real one."""
    data = folder / "vietnamadminunits" / "data"
    data.mkdir(parents=True)
    (data / "converter_2025.json").write_text(json.dumps(MAPPING), encoding="utf-8")
    with sqlite3.connect(data / "dataset.db") as database:
        for table, columns, content in (("admin_units", NOW, NEW), ("admin_units_legacy", (*BEFORE, *KEYS), OLD)):
            database.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            marks = ", ".join("?" * len(columns))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", content)  # noqa: S608 - names of this file
    database.close()
    return folder


def test_what_is_written_is_the_package_and_the_dated_additions(tmp_path: Path) -> None:
    """A province that merged has two periods, one that only changed its communes has one, Huế has its step of 2025."""
    assert [str(row) for row in rows(package(tmp_path))] == [
        "24\ttinh\tBắc Ninh\t\t2025-07-01\t\t\t24 27",
        "46\tthanh-pho\tHuế\t\t2025-01-01\t\tNghị quyết 175/2024/QH15\t46",
        "24\ttinh\tBắc Giang\t\t2025-01-01\t2025-06-30\t\t",
        "27\ttinh\tBắc Ninh\t\t2025-01-01\t2025-06-30\t\t",
        "46\ttinh\tThừa Thiên Huế\t\t\t2024-12-31\t\t",
        "07246\txa\tXuân Lương\t24\t2025-07-01\t\tNghị quyết 1658/NQ-UBTVQH15\t07246 07249",
        "19777\tphuong\tVỹ Dạ\t46\t2025-07-01\t\t\t19777",
        "215\thuyen\tYên Thế\t24\t2025-01-01\t2025-06-30\t\t",
        "256\tthanh-pho-huyen\tBắc Ninh\t27\t2025-01-01\t2025-06-30\t\t",
        "474\tquan\tThuận Hóa\t46\t2025-01-01\t2025-06-30\t\t",
        "07246\txa\tCanh Nậu\t215\t2025-01-01\t2025-06-30\t\t",
        "07249\txa\tXuân Lương\t215\t2025-01-01\t2025-06-30\t\t",
        "09163\tphuong\tVũ Ninh\t256\t2025-01-01\t2025-06-30\t\t",
        "19777\tphuong\tVỹ Dạ\t474\t2025-01-01\t2025-06-30\t\t",
    ]


def test_the_committed_list_has_the_form_the_importer_writes(tmp_path: Path) -> None:
    head = document(rows(package(tmp_path))).partition("24\t")[0]
    assert (REFERENCE / "admin-units.tsv").read_text(encoding="utf-8").startswith(head)
    assert len(parse_units(document(rows(tmp_path)), tmp_path)) == 14


def test_a_wheel_and_its_unpacked_folder_say_the_same(tmp_path: Path) -> None:
    folder = package(tmp_path / "folder")
    wheel = tmp_path / "package.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    assert document(rows(wheel)) == document(rows(folder))


def test_a_folder_of_something_else_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no wheel or unpacked folder of vietnamadminunits"):
        rows(tmp_path)
