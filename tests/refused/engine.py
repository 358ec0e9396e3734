"""What the engine's later tables refuse."""

from rows import LATER, excuse, obligation

REFUSED = [
    ("duties_excuse_withdrawn_by_whom_and_why", lambda: excuse(obligation(), withdrawn_at=LATER, withdrawn_by="")),
]
