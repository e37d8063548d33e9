"""Names what a strict configuration promises, and how each broken promise is mended, in both languages."""

from enum import StrEnum
from typing import Final, NamedTuple


class Promise(StrEnum):
    """One thing that can be relied on while no check says otherwise."""

    SYNTAX = "bus syntax"
    NKEYS = "bus nkeys"
    PERMISSIONS = "bus permissions"
    SUBJECTS = "bus subjects"
    CROSSINGS = "bus crossings"
    JETSTREAM = "bus jetstream"
    LISTENING = "bus listening"
    DURABILITY = "bus durability"
    LIMITS = "bus limits"
    KEY_FILES = "key files"
    ENDINGS = "keys and certificates"
    ENVIRONMENT = "environment"
    LEDGER_ROLES = "ledger roles"


class Breach(NamedTuple):
    """A promise, and where it is broken. It never shows a secret."""

    promise: Promise
    where: str


FIXES: Final = {
    Promise.SYNTAX: (
        "Sửa tệp cấu hình tới khi nats-server -t -c TỆP không báo lỗi.",
        "Mend the file until nats-server -t -c FILE reports nothing.",
    ),
    Promise.NKEYS: (
        (
            "Mỗi người dùng một nkey, trong một tài khoản; bỏ authorization, no_auth_user, mật khẩu, token. "
            "Sinh lại accounts.conf bằng phoihop identity create."
        ),
        (
            "One nkey per user, within an account; no authorization, no_auth_user, password or token. "
            "Make accounts.conf again with phoihop identity create."
        ),
    ),
    Promise.PERMISSIONS: (
        'Ghi rõ publish và subscribe cho từng người dùng: allow [...] hoặc deny ">".',
        'Spell out publish and subscribe for every user: allow [...] or deny ">".',
    ),
    Promise.SUBJECTS: (
        "Thu hẹp chủ đề về đúng việc của người dùng đó; so với accounts.conf do phoihop identity sinh ra.",
        "Narrow the subject to that user's own work; compare with the accounts.conf that phoihop identity makes.",
    ),
    Promise.CROSSINGS: (
        "Chỉ CORE được exports, các tài khoản khác chỉ imports từ CORE, không có chủ đề bắt đầu bằng * hay >.",
        "Only CORE exports, others import from CORE only, no subject begins with * or >.",
    ),
    Promise.JETSTREAM: (
        "Đặt jetstream: enabled trong CORE và không ở tài khoản nào khác.",
        "Set jetstream: enabled in CORE, and in no other account.",
    ),
    Promise.LISTENING: (
        (
            'Nghe trên 127.0.0.1, hoặc đặt tls { cert_file, key_file, min_version: "1.3" }; cổng giám sát chỉ trên '
            "127.0.0.1."
        ),
        'Listen on 127.0.0.1, or set tls { cert_file, key_file, min_version: "1.3" }; monitoring on 127.0.0.1 only.',
    ),
    Promise.DURABILITY: (
        "Đặt sync_interval: always trong jetstream { }: nếu không, mất điện làm mất tin đã xác nhận.",
        "Set sync_interval: always in jetstream { }: else a power cut loses acknowledged messages.",
    ),
    Promise.LIMITS: (
        (
            "Đặt max_payload (tối đa 256KB) và, cho mỗi tài khoản ngoài CORE, limits { max_connections, "
            "max_subscriptions, max_payload }."
        ),
        (
            "Set max_payload (256KB at most) and, for each account but CORE, limits { max_connections, "
            "max_subscriptions, max_payload }."
        ),
    ),
    Promise.KEY_FILES: (
        "chmod 600 cho tệp khóa, chmod 700 cho thư mục khóa. Nếu người khác đã đọc được: phoihop identity rotate.",
        "chmod 600 key files, chmod 700 key folders. If others could read one: phoihop identity rotate.",
    ),
    Promise.ENDINGS: (
        (
            "Chứng thư giữ tại đây: phoihop identity renew (hub khác: chép lại server.pem). Khóa đã giao đi: phoihop "
            "identity rotate rồi export lại. Đã hết hạn: phoihop identity expire."
        ),
        (
            "Certificates kept here: phoihop identity renew (on another hub copy server.pem again). Keys handed out: "
            "phoihop identity rotate, then export. Over already: phoihop identity expire."
        ),
    ),
    Promise.ENVIRONMENT: (
        "Đưa bí mật vào tệp (0600) và chỉ đặt đường dẫn; với Postgres: postgresql://USER@HOST/DB?passfile=TỆP.",
        "Put the secret into a file (0600), set only its path; for Postgres: postgresql://USER@HOST/DB?passfile=FILE.",
    ),
    Promise.LEDGER_ROLES: (
        "Thu hồi quyền thừa (REVOKE) rồi chạy: phoihop ledger migrate && phoihop ledger verify",
        "REVOKE what is too much, then: phoihop ledger migrate && phoihop ledger verify",
    ),
}
"""Vietnamese and English, for each promise."""
