"""Logging in as people do, and as the engine of the log-in needs it."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP


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
