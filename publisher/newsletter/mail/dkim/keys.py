"""Private keys; the only module that knows cryptography, which is an extra."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from publisher.errors import UsageError

#: Bits of RSA keys that all receivers verify and none thinks too few (RFC 8301 §3.2).
_LEAST, _MOST = 2048, 4096
_MAKE = f"make one: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{_LEAST} -out key.pem"


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, ready to sign."""

    #: As a signature's tag `a` names it.
    algorithm: str
    #: Gives the signature of some bytes.
    sign: Callable[[bytes], bytes] = field(repr=False)
    #: What a record in the DNS calls the kind of key.
    kind: str
    #: The public key, as that record holds it before base64.
    public: bytes


def load_key(pem: bytes, name: str) -> Key:
    """Read a private key.

    Args:
        pem: the key.
        name: of the key's record in the DNS, which tells keys apart in the message of an error.

    Raises:
        UsageError: it is no such key, is locked, or has a length that not all receivers take.
    """
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError as error:
        raise UsageError(
            f"{name}: the private key is locked by a password; take it out: openssl pkey -in key.pem -out open.pem"
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{name}: this is no private key in PEM; {_MAKE}") from error
    return _usable(key, name)


def _usable(key: PrivateKeyTypes, name: str) -> Key:
    if isinstance(key, Ed25519PrivateKey):
        return _ed25519(key)
    if not isinstance(key, RSAPrivateKey):
        raise UsageError(f"{name}: mails are signed with RSA or Ed25519, and this private key is neither; {_MAKE}")
    if key.key_size < _LEAST:
        raise UsageError(f"{name}: an RSA key of {key.key_size} bits is too short, receivers distrust it; {_MAKE}")
    if key.key_size > _MOST:
        raise UsageError(f"{name}: an RSA key of {key.key_size} bits is too long for some receivers; {_MAKE}")
    return _rsa(key)


def _rsa(key: RSAPrivateKey) -> Key:
    padding, algorithm = PKCS1v15(), SHA256()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key("rsa-sha256", lambda data: key.sign(data, padding, algorithm), "rsa", public)


def _ed25519(key: Ed25519PrivateKey) -> Key:
    # RFC 8463 §3: what is signed is the hash; §4.2: the record holds the key's 32 octets and nothing around them.
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Key("ed25519-sha256", lambda data: key.sign(sha256(data).digest()), "ed25519", public)
