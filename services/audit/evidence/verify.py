"""Tells what an evidence file of the ledger proves, and what not; needs nothing but Python 3.9 or later.

    python3 -I -S verify.py [EVIDENCE] (--policy FILE | --trust-enclosed-policy)
EVIDENCE is a folder or a zip archive, by default the folder of this program, which shares no code with the ledger. Exit
code: 0 all holds, 1 something is false, 2 no verdict (wrong usage, unreadable, or nobody said whose keys to trust).
The evidence file, version 1. Hashes are SHA-256: base64 inside files, lower-case hexadecimal in names.
checkpoint                  c2sp.org/tlog-checkpoint, signed by the log, cosigned (cosignature/v1) by the witnesses.
entries/<idx>.leaf          `header ‖ 0x0A ‖ body`. JSON header: recorded_at, stored_at (µs), stream_seq, subject, v.
entries/<idx>.tlog-proof    c2sp.org/tlog-proof@v1 for each leaf, without `extra`; then `checkpoint`, byte for byte.
documents/<sha256>[.<ext>]  Optional. What some body names by its SHA-256, as regulations or an opened commitment.
policy                      Optional. c2sp.org/tlog-policy. A forger encloses his own: get it elsewhere (--policy).
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

Key = tuple[str, bytes, int, bytes]  # name, key id, signature type, public key
Finding = tuple[str, str, str]  # "✓" proved, "✗" false or "–" not proved; in Vietnamese; in English
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT_OF_MINUS_ONE = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)
NAME = r"checkpoint|policy|entries/(0|[1-9]\d*)\.(leaf|tlog-proof)|documents/[0-9a-f]{64}(\.\w+)?"
HASH, COSIGNATURE, MOST_BYTES, HANOI = 32, 4, 256 << 20, timezone(timedelta(hours=7))
SIGNATURES = "5cb18f6e7dea3b1f81e4b78a2b3edd03265db7021228b4e3e9b82e626af4a9e7"  # of signatures.py
LEGEND = "✓ đã chứng minh / proved   – chưa chứng minh / not proved   ✗ SAI / FALSE"
NOT_PROVED = (
    ("–", "Nội dung đã báo cáo là đúng sự thật.", "That what was reported is true."),
    ("–", "Ngoài các mục này, sổ không còn mục nào về vụ việc.", "That the log has no other entries on the incident."),
    ("–", "Giờ trong các mục là do hệ thống tự ghi.", "The times in the entries: they are the system's own word."),
    ("–", "Các tệp khác, như trang để đọc, khớp với sổ.", "That other files, such as pages for reading, agree."),
)
ENCLOSED = (("–", "Khóa là của ai: khóa lấy từ chính hồ sơ.", "Whose keys these are: they came with the evidence."),)


def add(one: tuple[int, int], two: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points of edwards25519 (RFC 8032 §5.1)."""
    (a, b), (c, d) = one, two
    t = D * a * b * c * d % P
    inverse = pow(1 - t * t, -1, P)
    return (a * d + b * c) * (1 - t) * inverse % P, (b * d + a * c) * (1 + t) * inverse % P


def times(factor: int, point: tuple[int, int]) -> tuple[int, int]:
    """The point added to itself so many times."""
    if not factor:
        return 0, 1
    half = times(factor >> 1, add(point, point))
    return add(half, point) if factor & 1 else half


def point_of(data: bytes) -> tuple[int, int]:
    """The point that is encoded, canonically (RFC 8032 §5.1.3); raises ValueError."""
    sign, y = divmod(int.from_bytes(data, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT_OF_MINUS_ONE % P
    if len(data) != HASH or y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point")
    return (x if x & 1 == sign else P - x), y


def require_ed25519(public: bytes, message: bytes, signature: bytes) -> None:
    """Raise ValueError unless it verifies, without cofactor (RFC 8032 §5.1.7); keys of small order are refused."""
    key, commitment, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    base = point_of(bytes([0x58] + [0x66] * 31))
    true = len(signature) == 2 * HASH and s < L and times(8, key) != (0, 1)
    if not true or times(s, base) != add(commitment, times(k, key)):
        raise ValueError("no signature")


def b64(text: str, size: int = HASH) -> bytes:
    """So many bytes from base64; raises ValueError."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text or len(data) != size:
        raise ValueError(text)
    return data


def root_of(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root an inclusion proof leads to, by the recursive definition (RFC 6962 §2.1.1); raises ValueError."""
    if size == 1 and not proof:
        return leaf
    half, (*below, top) = 1 << (size - 1).bit_length() - 1, proof
    if index < half:
        return hashlib.sha256(b"\x01" + root_of(leaf, index, half, below) + top).digest()
    return hashlib.sha256(b"\x01" + top + root_of(leaf, index - half, size - half, below)).digest()


def head_of(checkpoint: bytes) -> tuple[str, int, bytes]:
    """Origin, size and root of a signed checkpoint."""
    origin, size, root = checkpoint.decode().split("\n")[:3]
    if not origin or not re.fullmatch("0|[1-9][0-9]{0,18}", size):
        raise ValueError(size)
    return origin, int(size), b64(root)


def key_of(vkey: str, kind: int) -> Key:
    """A key of this signature type from its text."""
    name, key_id, material = vkey.split("+", 2)
    public = b64(material, 33)
    if public[0] != kind or hashlib.sha256(name.encode() + b"\n" + public).hexdigest()[:8] != key_id:
        raise ValueError(vkey)
    return name, bytes.fromhex(key_id), kind, public[1:]


def read_policy(text: str) -> tuple[list[Key], dict[str, Key], dict[str, tuple[int, set[str]]], str]:
    """Logs, witnesses by name, groups as (needed, members), quorum. What it names without defining is never reached."""
    logs, witnesses, groups, quorum = list[Key](), dict[str, Key](), dict[str, tuple[int, set[str]]](), ""
    for kind, *words in (line.split() for line in text.split("\n") if line.strip() and line.strip()[0] != "#"):
        if kind == "log":
            logs.append(key_of(words[0], 1))
        elif kind == "witness":
            witnesses[words[0]] = key_of(words[1], COSIGNATURE)
        elif kind == "group":
            needed = {"all": len({*words[2:]}), "any": 1}.get(words[1]) or int(words[1])
            groups[words[0]] = max(1, needed), {*words[2:]}
        elif kind == "quorum" and not quorum:
            quorum = words[0]
        else:
            raise ValueError(kind)
    if not logs or not quorum or len({key[3] for key in (*logs, *witnesses.values())}) < len(logs) + len(witnesses):
        raise ValueError("a key twice, or no log, or no quorum")
    return logs, witnesses, groups, quorum


def signers(note: bytes, keys: Iterable[Key]) -> dict[Key, int]:
    """Which of these keys signed the note, and when (0: no time); raises ValueError if one of their lines is forged."""
    text, _, lines = note.decode().rpartition("\n\n")
    found: dict[Key, int] = {}
    for _, name, blob in (line.split(" ") for line in lines.split("\n")[:-1]):
        data = base64.b64decode(blob, validate=True)
        for key in (key for key in keys if key[:2] == (name, data[:4])):
            at = int.from_bytes(data[4:12], "big") if key[2] == COSIGNATURE else 0
            message = (f"cosignature/v1\ntime {at}\n" if key[2] == COSIGNATURE else "") + text + "\n"
            require_ed25519(key[3], message.encode(), data[12:] if key[2] == COSIGNATURE else data[4:])
            found[key] = max(at, found.get(key, 0))
    return found


def judge_entry(files: dict[str, bytes], index: str, bodies: list[bytes]) -> Finding:
    """Whether one entry is in the tree of the checkpoint; if it is, its body joins the proved ones."""
    with suppress(ValueError, KeyError, TypeError, OverflowError, RecursionError):
        _, size, root = head_of(files["checkpoint"])
        leaf, (lines, _, note) = files[f"entries/{index}.leaf"], files[f"entries/{index}.tlog-proof"].partition(b"\n\n")
        title, place, *hashes = lines.decode().split("\n")
        found = root_of(hashlib.sha256(b"\0" + leaf).digest(), int(index), size, [b64(line) for line in hashes])
        said, body = json.loads(leaf.partition(b"\n")[0]), leaf.partition(b"\n")[2]
        expected = "c2sp.org/tlog-proof@v1", f"index {index}", files["checkpoint"], root, 1
        text = f"#{index}  {datetime.fromtimestamp(said['recorded_at'] // 10**6, HANOI)}  {said['subject']}"
        if (title, place, note, found, said["v"]) == expected and int(index) < size:
            bodies.append(body)
            return "✓", text, ""
    return "✗", f"Mục {index} KHÔNG có trong sổ như thế này.", f"Entry {index} is NOT in the log as it is here."


def judge_texts(files: dict[str, bytes], bodies: list[bytes]) -> Iterator[Finding]:
    """Whether the texts by which was decided are here as the log recorded them, one text under one version."""
    used, texts = set[str](), dict[str, set[str]]()
    for body in bodies:
        with suppress(ValueError, KeyError, TypeError, AttributeError, RecursionError):  # else it is no event of ours
            kind, data = json.loads(body)["type"], json.loads(body)["data"]
            if kind.startswith("phoihop.ReferenceRecorded."):
                texts.setdefault(f"{data['code']} {data['version']}", set()).add(str(data["sha256"]))
            elif made := data.get("decision"):
                used |= {f"{made['set']} {made['set_version']}", f"register {made['register_version']}"}
    for name in sorted(used):
        recorded, here = texts.get(name, set()), {file[10:74] for file in files}
        mark = "✗" if len(recorded) > 1 else "✓" if recorded & here else "–"
        yield mark, f"Văn bản đã dùng để quyết định, như sổ đã ghi: {name}", "The text behind a decision, as recorded."


def judge(files: dict[str, bytes], policy: str) -> Iterator[Finding]:
    """Everything that can be said, one finding after the other; raises ValueError for a policy that is none."""
    logs, witnesses, groups, quorum = read_policy(policy)
    signed = dict[Key, int]()
    with suppress(ValueError):
        origin, size, root = head_of(files["checkpoint"])
        signed = signers(files["checkpoint"], [*logs, *witnesses.values()])
    if not any(key in signed and key[0] == origin for key in logs):
        yield "✗", "Điểm chốt không do sổ này ký, hoặc có chữ ký giả.", "The checkpoint is unsigned, broken or forged."
        return
    yield "✓", f"Sổ {origin} đã ký {size} mục.", f"The log signed {size} entries, root {root.hex()}."
    reached = {name for name, key in witnesses.items() if key in signed}
    seen = ", ".join(f"{name} ({datetime.fromtimestamp(signed[witnesses[name]], HANOI)})" for name in sorted(reached))
    for name, (needed, members) in groups.items():
        reached |= {name} if len(reached & {*members}) >= needed else set()
    mark = "–" if quorum == "none" else "✓" if quorum in reached else "✗"
    yield mark, f"Đủ nhân chứng theo chính sách: {seen}", "As many witnesses saw this very log as the policy demands."
    bodies: list[bytes] = []
    for index in sorted({re.split(r"[/.]", name)[1] for name in files if name.startswith("entries/")}, key=int):
        yield judge_entry(files, index, bodies)
    yield from judge_texts(files, bodies)
    named = {digest.decode() for body in bodies for digest in re.findall(rb"\b[0-9a-f]{64}\b", body)}
    for name in (name for name in files if name.startswith("documents/")):
        true = hashlib.sha256(files[name]).hexdigest() == name[10:74] and name[10:74] in named
        yield "✓" if true else "✗", name, "Named by its hash in an entry above."
    beside, scope = Path(__file__).with_name("signatures.py"), dict[str, Callable[..., Iterator[Finding]]]()
    if beside.is_file() and hashlib.sha256(code := beside.read_bytes()).hexdigest() == SIGNATURES:
        exec(code, scope)  # noqa: S102
        yield from scope["judge"](bodies, require_ed25519)
    else:
        yield "–", "Ai đã ký báo cáo: cần signatures.py đi kèm.", "Who signed reports: signatures.py belongs beside."
    yield from NOT_PROVED


def open_evidence(path: Path) -> dict[str, bytes]:
    """Name → content of all files that count; raises ValueError for doubled names and for too much content."""
    archive = None if path.is_dir() else zipfile.ZipFile(path)
    found = [(member.filename, member.file_size) for member in archive.infolist()] if archive else []
    if not archive:
        found = [(file.relative_to(path).as_posix(), file.stat().st_size) for file in path.rglob("*") if file.is_file()]
    wanted = [entry for entry in found if re.fullmatch(NAME, entry[0], re.ASCII)]
    if len(sizes := dict(wanted)) < len(wanted) or sum(sizes.values()) > MOST_BYTES or "entries/" not in str(sizes):
        raise ValueError("no entries, or names repeat, or too large")
    return {name: archive.read(name) if archive else (path / name).read_bytes() for name in sizes}


def main() -> int:
    """Print every finding in two languages; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("evidence", nargs="?", type=Path, default=Path(__file__).parent)
    keys = parser.add_mutually_exclusive_group(required=True)
    keys.add_argument("--policy", type=Path, help="c2sp.org/tlog-policy from elsewhere")
    keys.add_argument("--trust-enclosed-policy", action="store_true")
    options = parser.parse_args()
    try:
        files = open_evidence(options.evidence)
        findings = list(judge(files, (options.policy.read_bytes() if options.policy else files["policy"]).decode()))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the input, there is no verdict
        findings = [("?", f"KHÔNG KẾT LUẬN ĐƯỢC: {error!r}", "NO VERDICT")]
    for mark, vi, en in (("", LEGEND, ""), *findings, *(ENCLOSED if options.trust_enclosed_policy else ())):
        line = "".join(letter if letter.isprintable() else "?" for letter in f"{mark} {vi} / {en}".strip(" /"))
        sys.stdout.buffer.write(f"{line}\n".encode("utf-8", "replace"))
    return 2 if findings[0][0] == "?" else int("✗" in (mark for mark, _, _ in findings))


if __name__ == "__main__":
    sys.exit(main())
