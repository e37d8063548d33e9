"""Makes the certificates of the bus: an authority of its own, one for its servers, one for each program that connects.

What each is for stands in it, so that the certificate of a unit cannot pose as the server. No file is touched here.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS: Final = 3653
SERVER_DAYS: Final = 397
PARTY_DAYS: Final = 397
EARLY: Final = timedelta(hours=1)
"""Clocks differ: a certificate holds from a little before it was made."""
_COMMON_NAME_MOST: Final = 64
_SERVER: Final = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
"""A server is the client of another where servers form a cluster."""
_PARTY: Final = (ExtendedKeyUsageOID.CLIENT_AUTH,)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key, as PEM."""

    certificate: str
    key: str

    @property
    def pem(self) -> str:
        """Both in one text, as programs and the server read it."""
        return self.certificate + self.key


def new_authority(at: datetime) -> Issued:
    """Whoever holds its key admits anybody to the bus's doorstep; an nkey is still needed to get in."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"phoihop bus {at:%Y-%m-%d}")
    usage = _usage(signs_others=True)
    certificate = (
        _builder(name, name, key.public_key(), at, at + timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _issued(certificate, key)


def for_server(authority: Issued, names: Iterable[str], at: datetime) -> Issued:
    """For servers that are reached under these names and addresses."""
    return _leaf(authority, "nats-server", names, _SERVER, (at, at + timedelta(days=SERVER_DAYS)))


def for_party(authority: Issued, name: str, at: datetime, until: datetime | None) -> Issued:
    """For one identity, ending with it where its end is known."""
    latest = at + timedelta(days=PARTY_DAYS)
    return _leaf(authority, name, (), _PARTY, (at, min(until, latest) if until else latest))


def ends(pem: str) -> datetime:
    """When the first certificate of the text ends. Raises `ValueError`."""
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def issued_by(pem: str, authority: str) -> bool:
    """Whether the first certificate of the one text was signed by the first of the other."""
    try:
        x509.load_pem_x509_certificate(pem.encode()).verify_directly_issued_by(
            x509.load_pem_x509_certificate(authority.encode())
        )
    except Exception:  # noqa: BLE001  # whatever is wrong with it, it is not vouched for
        return False
    return True


def _leaf(
    authority: Issued,
    name: str,
    alternatives: Iterable[str],
    purposes: Iterable[x509.ObjectIdentifier],
    holds: tuple[datetime, datetime],
) -> Issued:
    issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
    signer = cast("ec.EllipticCurvePrivateKey", serialization.load_pem_private_key(authority.key.encode(), None))
    key = ec.generate_private_key(ec.SECP256R1())
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        _builder(_name(name), issuer.subject, key.public_key(), *holds)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_others=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(list(purposes)), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(above, critical=False)
    )
    if said := [_alternative(one) for one in alternatives]:
        builder = builder.add_extension(x509.SubjectAlternativeName(said), critical=False)
    return _issued(builder.sign(signer, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since - EARLY)
        .not_valid_after(until)
    )


def _usage(*, signs_others: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_others,
        key_cert_sign=signs_others,
        crl_sign=signs_others,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:_COMMON_NAME_MOST])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _issued(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Issued:
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    return Issued(certificate.public_bytes(encoding).decode(), private.decode())
