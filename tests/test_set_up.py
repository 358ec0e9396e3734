"""What a person reads who lacks something."""

import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"
OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexit 0\n'


@pytest.mark.parametrize(("python", "english"), [(OLD, "Python 3.11 or newer"), (WITHOUT_VENV, "venv module")])
def test_missing_prerequisite_is_named_in_both_languages(tmp_path, python, english):
    shutil.copytree(TOOLS, tmp_path / "a folder" / "tools")
    fake = tmp_path / "python"
    fake.write_text(python, encoding="ascii")
    fake.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "a folder" / "tools" / "set-up"],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", "PYTHON": str(fake)},
    )  # fmt: skip
    assert done.returncode == 2
    assert "无法继续：" in done.stderr
    assert english in done.stderr
    assert not (tmp_path / "a folder" / ".venv").exists()
