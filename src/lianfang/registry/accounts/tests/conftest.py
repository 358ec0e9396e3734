"""Logging in as people do, and as the engine of the log-in needs it."""

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import TOTP
from django.test import RequestFactory


@pytest.fixture
def fresh(client):
    """fresh(account) → a client that has just logged in: acts that ask for a fresh log-in are open."""

    def enter(account):
        client.force_login(account)
        session = client.session
        request = RequestFactory().get("/")
        request.session = session
        record_authentication(request, account, "password", reauthenticated=True)
        session.save()
        return client

    return enter


@pytest.fixture
def with_factor():
    """with_factor(account) → the secret of its second factor."""

    def give(account):
        secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
        TOTP.activate(account, secret)
        return secret

    return give


@pytest.fixture
def asked(installation):
    """The second factor is asked for, as in a live installation."""
    type(installation).objects.update(second_factor_optional=False)
