"""The sentence of every rule by which the API refuses, and what to do about it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as N_

from lianfang.registry.tokens.rules import LONGEST_DAYS, MOST_A_MINUTE

_REFUSALS = {
    "no_title": N_("Say what the token is for, so that somebody can tell later whether it is still needed."),
    "bad_expiry": N_("A token ends within %(days)d days. Choose a day from tomorrow to then."),
    "bad_pace": N_("A token allows at least one and at most %(most)d calls a minute."),
    "not_appointed": N_(
        "The account does not hold this role there, so its token cannot either. "
        "Choose a role and an area that it holds."
    ),
}
# rule → (what is wrong, what to do)
_PROBLEMS = {
    "no_token": (
        N_("The call carries no token that is in force."),
        N_(
            "Send the header “Authorization: Bearer KEY”. Where the token has ended or was revoked, have one made anew."
        ),
    ),
    "not_permitted": (
        N_("The token’s role does not allow this."),
        N_("Use a token of a role that does, or ask the administrator of your office for the appointment."),
    ),
    "not_found": (
        N_("There is nothing here that the token may see."),
        N_("Check the identifier, and whether it lies in the token’s area."),
    ),
    "bad_request": (
        N_("The call cannot be read."),
        N_("Send what the API document describes: JSON in UTF-8, without NUL, numbers without NaN or Infinity."),
    ),
    "conflict": (
        N_("Something else was said under this identifier before."),
        N_("Send a correction under an identifier of its own."),
    ),
    "too_large": (
        N_("The call is too large."),
        N_("Send it in several parts. The API document names the limits."),
    ),
    "invalid": (
        N_("Something in the call is not possible."),
        N_("Correct the fields that are named and send it again."),
    ),
    "too_many": (
        N_("The token has used up the calls of this minute."),
        N_("Wait as many seconds as the header Retry-After says. Send records in batches."),
    ),
}
_VALIDATION = {
    "missing": N_("%(field)s is missing. Add it."),
    "extra_forbidden": N_("%(field)s is not a field of this call. Leave it out."),
    "not_gone_by": N_("“%(value)s” under %(field)s is not a moment gone by. Write day, hour and zone."),
    "bad_cursor": N_(
        "“%(value)s” under %(field)s is no place in this list. Send the `next` of the page before, or none."
    ),
}
_NOT_POSSIBLE = N_("“%(value)s” is not possible under %(field)s. The API document names its type and its limits.")


def refusal(rule: str) -> str:
    """Why a token is not made."""
    return _(_REFUSALS[rule]) % {"days": LONGEST_DAYS, "most": MOST_A_MINUTE}


def problem_words(rule: str) -> tuple[str, str]:
    """(what is wrong, what to do) in the language that is active."""
    title, remedy = _PROBLEMS[rule]
    return _(title), _(remedy)


def validation_words(rule: str, field: str, value: Any) -> str:
    return _(_VALIDATION.get(rule, _NOT_POSSIBLE)) % {"field": field, "value": value}
