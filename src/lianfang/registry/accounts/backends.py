"""Who is behind a session, with what the frame of a page asks, in the one query that every request makes anyway."""

from allauth.account.auth_backends import AuthenticationBackend

from lianfang.registry.accounts.models import Account
from lianfang.registry.accounts.queries import account_at_work


class Backend(AuthenticationBackend):
    def get_user(self, user_id: int) -> Account | None:
        found = account_at_work(user_id)
        return found if found is not None and self.user_can_authenticate(found) else None
