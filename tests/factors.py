"""What a phone with an authenticator app does, for tests and journeys that log in in two steps."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

PASSWORD = "correct horse battery"  # of every account that the fixture `account` makes


def code_of(secret: str, ahead: int = 0) -> str:
    """The six digits that the phone shows now, or so many half minutes later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))
