"""`python -m bench.run`: make the county if it is not there, take every measurement, write RESULTS.md.

A measurement is a module of this folder with `measure(county) -> list[Result]` and `TITLE`; files are found by
themselves, in the order of `ORDER`, others after.
"""

import argparse
import importlib
import os
import pkgutil
import platform
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parent
LONG = {"import_million", "linkage"}  # they come last
INFRASTRUCTURE = {"run", "harness", "county", "lists"}


def modules(only: list[str]) -> Iterator[tuple[str, ModuleType]]:
    names = sorted({found.name for found in pkgutil.iter_modules([str(FOLDER)])} - INFRASTRUCTURE)
    if unknown := set(only) - set(names):
        raise SystemExit(f"no measurement {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    for name in names:
        if not only or name in only:
            yield name, importlib.import_module(f"bench.{name}")


def machine() -> list[str]:
    """What the figures were measured on."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('shared_buffers'), current_setting('fsync'), "
            "pg_size_pretty(pg_database_size(current_database()))"
        )
        version, buffers, fsync, size = cursor.fetchone()
    info = Path("/proc/cpuinfo")
    model = next((line.split(":")[1].strip() for line in _lines(info) if line.startswith("model name")), "unknown")
    memory = next((line.split()[1] for line in _lines(Path("/proc/meminfo")) if line.startswith("MemTotal")), "0")
    return [
        f"{os.cpu_count()} cores ({model}), {int(memory) / 2**20:.0f} GiB, load {os.getloadavg()[0]:.1f} at the end",
        f"PostgreSQL {version} (shared_buffers {buffers}, fsync {fsync}, database {size}), on the same machine",
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}",
        time.strftime("%Y-%m-%d %H:%M %Z"),
    ]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def report(county, sections: list[tuple[str, list]]) -> str:
    lines = ["# Measured", ""]
    lines += [f"- {line}" for line in machine()]
    lines += [f"- {county.persons:,} persons, {county.observed:,} under observation, {len(county.villages):,} villages"]
    missed = [result for _title, results in sections for result in results if result.holds is False]
    for title, results in sections:
        lines += ["", f"## {title}", "", "| what | measured | goal | | |", "|---|---|---|---|---|"]
        for one in results:
            mark = "" if one.holds is None else "holds" if one.holds else "**missed**"
            lines.append(f"| {one.what} | {one.measured} | {one.goal} | {mark} | {one.note} |")
    if missed:
        lines += ["", "## Missed", "", *(f"- {one.what}: {one.measured} ({one.goal}). {one.note}" for one in missed)]
    return "\n".join([*lines, ""])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("only", nargs="*", help="names of measurements; all by default")
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--observed", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true", help="two runs of each page: only to see that all runs")
    parser.add_argument("--out", type=Path, default=FOLDER / "RESULTS.md")
    told = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lianfang.settings")
    with _installation():
        from bench import county as counties

        if not counties.is_made():
            counties.make(told.persons, told.observed, _say)
        county = counties.found(told.persons, told.observed, quick=told.quick)
        sections = []
        for name, module in sorted(modules(told.only), key=lambda found: found[0] in LONG):
            _say(f"measuring {name}")
            sections.append((module.TITLE, module.measure(county)))
            told.out.write_text(
                report(county, sections), encoding="utf-8"
            )  # what breaks later leaves what was measured
    _say(told.out.read_text(encoding="utf-8"))
    return 0


def _installation():
    """Django over the database of the environment, migrated; the private server lives as long as the run."""
    import contextlib

    import django

    from lianfang.cluster import Cluster

    data = Path(os.environ.setdefault("LIANFANG_DATA", str(FOLDER.parent / "build" / "bench")))

    @contextlib.contextmanager
    def held():
        with contextlib.nullcontext() if os.environ.get("DATABASE_URL") else Cluster(data).hold():
            django.setup()
            from django.core.management import call_command

            from lianfang.registry.places.queries import installation

            call_command("migrate", verbosity=0)
            from bench.county import is_made

            if installation() is not None and not is_made():
                raise SystemExit("this database holds an installation that is no benchmark: name another")
            yield

    return held()


def _say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
