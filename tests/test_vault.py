"""Keys and what they seal: closed to others, unchanged by a race, and of no use to another installation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from lianfang import vault

MAKE = "import sys; from pathlib import Path; from lianfang import vault; vault.use_keys_in(Path(sys.argv[1])); "
TELL = MAKE + "print(vault.key_check().hex())"
# Both processes wait for the same file, so that they ask for keys that are not there at the same moment.
WAIT_AND_TELL = "import time, os; from pathlib import Path\nwhile not os.path.exists(os.environ['GO']): pass\n" + TELL


@pytest.fixture
def keys(tmp_path):
    """A key folder of its own; the installation's is used again afterwards."""
    used = vault._folder
    vault.use_keys_in(tmp_path / "keys")
    yield tmp_path / "keys"
    vault.use_keys_in(used)


def tell(folder: Path, program: str = TELL, **environment: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_keys_are_readable_by_their_owner_only(keys):
    vault.key_check()
    assert {path.name: path.stat().st_mode & 0o777 for path in keys.iterdir()} == {
        "encryption.key": 0o600,
        "lookup.key": 0o600,
    }
    assert keys.stat().st_mode & 0o777 == 0o700


def test_keys_are_closed_whatever_the_umask_allows(tmp_path):
    process = tell(tmp_path / "keys", "import os; os.umask(0); " + TELL)
    assert process.communicate(timeout=60)[1] == ""
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_what_is_sealed_opens_again_and_never_looks_the_same(keys):
    first, second = vault.seal("990000199303133223"), vault.seal("990000199303133223")
    assert vault.unseal(first) == vault.unseal(memoryview(second)) == "990000199303133223"
    assert first != second
    assert b"990000" not in first


@pytest.mark.parametrize("position", [0, 11, 12, 20, -1])
def test_a_changed_byte_is_noticed(keys, position):
    sealed = bytearray(vault.seal("13800000000"))
    sealed[position] ^= 1
    with pytest.raises(InvalidTag):
        vault.unseal(bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"short", b"\0" * 28])
def test_what_was_never_sealed_does_not_open(keys, sealed):
    with pytest.raises((InvalidTag, ValueError)):
        vault.unseal(sealed)


def test_another_installations_key_opens_nothing_and_finds_nothing(keys, tmp_path):
    sealed, found, check = vault.seal("a"), vault.keyed_hash("a"), vault.key_check()
    vault.use_keys_in(tmp_path / "other")
    with pytest.raises(InvalidTag):
        vault.unseal(sealed)
    assert found != vault.keyed_hash("a")
    assert check != vault.key_check()


@pytest.mark.parametrize("name", ["encryption", "lookup"])
def test_the_check_changes_with_either_key(keys, name):
    before = vault.key_check()
    (keys / f"{name}.key").write_bytes(b"x" * 32)
    vault.use_keys_in(keys)
    assert vault.key_check() != before


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_file_is_refused_and_kept(keys, content):
    keys.mkdir()
    (keys / "encryption.key").write_bytes(content)
    with pytest.raises(vault.KeyMissing):
        vault.seal("a")
    assert (keys / "encryption.key").read_bytes() == content


def test_processes_that_make_keys_at_once_keep_the_same_ones(tmp_path):
    for attempt in range(3):
        folder, go = tmp_path / f"keys{attempt}", tmp_path / f"go{attempt}"
        both = [tell(folder, WAIT_AND_TELL, GO=str(go)) for _ in range(4)]
        go.touch()
        told = [process.communicate(timeout=60) for process in both]
        assert [err for _out, err in told] == [""] * 4
        assert len({out for out, _err in told}) == 1
        assert sorted(path.name for path in folder.iterdir()) == ["encryption.key", "lookup.key"]


def test_sessions_are_signed_by_a_secret_of_the_installation(keys, tmp_path):
    here = vault.session_secret()
    assert len(here) == 64
    assert here.encode() not in (keys / "encryption.key").read_bytes()
    vault.use_keys_in(tmp_path / "other")
    assert vault.session_secret() != here
