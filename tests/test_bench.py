"""The benchmarks run, on a county too small to say anything about speed."""

import os
import subprocess
import sys
from pathlib import Path

from lianfang.cluster import temporary_folder

ROOT = Path(__file__).parent.parent
TITLES = [
    "Generation of obligations",
    "Gap list of the county",
    "Board",
    "Village list",
    "Releases",
    "Records over HTTP",
]


def test_every_measurement_runs_and_is_reported(tmp_path):
    out = tmp_path / "RESULTS.md"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"LIANFANG_DATA": str(temporary_folder()), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    names = ["generation", "gap_list", "board", "village_list", "releases", "records"]
    command = [sys.executable, "-m", "bench.run", *names, "--persons", "600", "--observed", "60"]
    done = subprocess.run(
        [*command, "--quick", "--out", str(out)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = out.read_text(encoding="utf-8")
    assert [title for title in TITLES if f"## {title}" not in report] == []
    assert report.count("| ≤ 12 |") >= 7
