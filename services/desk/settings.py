"""What the desk service is told from outside: whose keys it holds, and so whose desks it can show."""

from pathlib import Path
from typing import Final

from contracts.identity import Identity, IdentityKind
from contracts.subjects import Origin
from services.runtime.credentials import identity_folder
from services.runtime.web.settings import WebSettings

_NAMED: Final = f"{IdentityKind.DESK.value}."


class DeskSettings(WebSettings):
    """Settings of the desk service. Its own identity reads no fact: what it shows, it shows by the keys of desks."""

    desk_keys: Path | None = None
    """Folder with the key files of the desks to show, `desk.AGENCY.CODE.nk` each; by default the local stack's.

    A unit of systemd that loads a folder of credentials puts the credential's name and `_` in front of each file.
    """
    boundaries: Path | None = None
    """GeoJSON file with the boundaries that the map draws; without one there is no map. None is shipped."""

    def held(self) -> dict[Origin, Path]:
        """The desks whose key files are there now."""
        folder = self.desk_keys or identity_folder(self.home) / "keys"
        found = {_desk(path): path for path in sorted(folder.glob(f"*{_NAMED}*.nk"))} if folder.is_dir() else {}
        return {origin: path for origin, path in found.items() if origin is not None}


def _desk(path: Path) -> Origin | None:
    """Whose key the file is by its name; None for a name that is no desk's."""
    try:
        identity = Identity.named(path.stem[path.stem.index(_NAMED) :])
    except ValueError:
        return None
    return Origin(identity.agency, identity.point) if identity.agency else None
