"""What the table of tokens refuses."""

from uuid import uuid4

from rows import LATER, NOW, account

from lianfang.registry.tokens.models import Token


def token(**told):
    usual = {"uid": uuid4(), "title": "t", "role": "village_head", "area_path": "14", "key_hash": uuid4().bytes}
    usual |= {"account": account(uuid4().hex), "made_at": NOW, "made_by": "one", "expires_at": LATER}
    return Token.objects.create(**usual | told)


REFUSED = [
    ("tokens_token_expires_after_made", lambda: token(expires_at=NOW)),
    ("tokens_token_allows_a_call", lambda: token(per_minute=0)),
    ("tokens_token_says_what_for", lambda: token(title="")),
    ("tokens_token_revoked_by_somebody", lambda: token(revoked_at=NOW)),
    ("tokens_token_revoked_by_somebody", lambda: token(revoked_by="one")),
]
