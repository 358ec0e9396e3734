"""Rows that the tables of accounts, of the log and of emergency access refuse."""

from rows import NOW

from lianfang.registry.audit.models import Anchor, Seal

REFUSED = [
    ("audit_seal_counts_from_one", lambda: Seal.objects.create(number=0, event=1, digest=b"d")),
    ("audit_anchor_counts_from_one", lambda: Anchor.objects.create(number=0, digest=b"d", made_at=NOW, by="x")),
]
