from django.db import models
from django.db.models import F, Q

from lianfang.registry.accounts.models import Account


class TokenQuerySet(models.QuerySet["Token"]):
    def in_force(self, at) -> "TokenQuerySet":
        return self.filter(
            Q(revoked_at__isnull=True) | Q(revoked_at__gt=at),
            made_at__lte=at,
            expires_at__gt=at,
            account__is_active=True,
        )


class Token(models.Model):
    """A key by which a programme acts for an account: one role in one area, until a day, never more than the account.

    The key itself is shown once and not kept; what is kept finds it again and cannot be turned back into it.
    """

    uid = models.UUIDField(unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tokens")
    title = models.CharField(max_length=60)
    role = models.CharField(max_length=20)
    area_path = models.CharField(max_length=18)
    key_hash = models.BinaryField(max_length=32, unique=True)
    per_minute = models.IntegerField(default=600)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="tokens_token_expires_after_made"),
            models.CheckConstraint(condition=Q(per_minute__gt=0), name="tokens_token_allows_a_call"),
            models.CheckConstraint(condition=~Q(title=""), name="tokens_token_says_what_for"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="") | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="tokens_token_revoked_by_somebody",
            ),
        ]

    PRIVACY = {
        "account": "staff",
        "title": "staff",
        "key_hash": "pseudonym",
        "made_by": "staff",
        "revoked_by": "staff",
        "last_used_at": "staff",
        "revoked_at": "staff",
        "expires_at": "public",
    }

    def __str__(self) -> str:
        return self.title
