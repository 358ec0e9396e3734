"""The command line shows how far a long import is, on a terminal alone."""

from importlib import import_module
from io import StringIO

from rich.console import Console

progress_bar = import_module("lianfang.mandate.intake.management.commands.import").progress_bar


def shown(*, terminal: bool) -> str:
    out = StringIO()
    with progress_bar(Console(file=out, force_terminal=terminal, width=80)) as show:
        show("check", 5000, 0)
        show("commit", 5000, 20_000)
        show("commit", 20_000, 20_000)
    return out.getvalue()


def test_a_terminal_sees_the_rows_of_each_step():
    told = shown(terminal=True)
    assert "5,000" in told
    assert "20,000" in told


def test_a_log_sees_nothing_of_it():
    assert shown(terminal=False).strip() == ""
