"""Whom a demonstration lets in by name: everybody whose key its own folder holds. Elsewhere nobody at all."""

from contracts.access import Role
from contracts.identity import Identity, IdentityKind
from contracts.subjects import Origin
from services.runtime.credentials import identity_folder
from services.runtime.web.settings import WebSettings
from services.runtime.web.visitor import Visitor


def by_name(settings: WebSettings, role: Role, kind: IdentityKind) -> tuple[Visitor, ...]:
    """Each under the name `AGENCY/POINT`, in the order of names; none outside a demonstration."""
    if not settings.development_logins:
        return ()
    files = sorted((identity_folder(settings.home) / "keys").glob(f"{kind.value}.*.nk"))
    found = (Identity.named(path.name.removesuffix(".nk")) for path in files)
    origins = [Origin(who.agency, who.point) for who in found if who.agency]
    return tuple(Visitor(role, origin, "/".join(origin), "") for origin in origins)
