"""Who is behind a session, with what the second factor asks, in the one query that every request makes anyway."""

from allauth.account.auth_backends import AuthenticationBackend

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import accounts_with_factor


class Backend(AuthenticationBackend):
    def get_user(self, user_id: int) -> Account | None:
        found = accounts_with_factor().filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
