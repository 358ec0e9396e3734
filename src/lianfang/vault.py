"""Identity numbers and phones at rest: sealed for reading back, keyed hashes for exact look-up.

Two key files (mode 0600, outside the database and its backup) live in the data folder. Losing them loses the sealed
values: `check_key()` lets the installation refuse to start on data whose key is missing.
"""

import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_folder: Path | None = None


class KeyMissing(RuntimeError):
    """The key files cannot be used."""


def use_keys_in(folder: Path) -> None:
    """Name the folder of the key files; they are made at first use."""
    global _folder  # noqa: PLW0603  one process serves one installation
    _folder = folder
    _key.cache_clear()
    _cipher.cache_clear()


@lru_cache(maxsize=4)
def _key(name: str) -> bytes:
    if _folder is None:
        raise KeyMissing("no key folder named")
    path = _folder / f"{name}.key"
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != 32:
        raise KeyMissing(f"{path} is not a key of 32 bytes")
    return key


def _make_key(path: Path) -> None:
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # never replaces a key that another process made meanwhile
    except FileExistsError:
        pass
    finally:
        draft.unlink()


@lru_cache(maxsize=1)
def _cipher() -> AESGCM:
    """Made once: a list of a million rows seals three million values."""
    return AESGCM(_key("encryption"))


def seal(text: str) -> bytes:
    """Encrypt (AES-256-GCM, a fresh nonce before the cipher text)."""
    return seal_bytes(text.encode())


def seal_bytes(content: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher().encrypt(nonce, content, None)


def unseal(sealed: bytes | memoryview) -> str:
    """Decrypt what `seal` made; raises cryptography.exceptions.InvalidTag on another key."""
    return unseal_bytes(sealed).decode()


def unseal_bytes(sealed: bytes | memoryview) -> bytes:
    raw = bytes(sealed)
    return _cipher().decrypt(raw[:_NONCE], raw[_NONCE:], None)


def keyed_hash(text: str) -> bytes:
    """32 bytes, equal for equal texts under this installation's look-up key only."""
    return hmac.digest(_key("lookup"), text.encode(), hashlib.sha256)


def key_check() -> bytes:
    """A value to store beside the data: it changes when either key does."""
    both = hmac.digest(_key("encryption"), b"lianfang", hashlib.sha256) + keyed_hash("lianfang")
    return hashlib.sha256(both).digest()


def session_secret() -> str:
    """The secret that signs sessions, derived so that there is no third file to lose."""
    return hmac.digest(_key("encryption"), b"session", hashlib.sha256).hex()
