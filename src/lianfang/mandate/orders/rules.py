"""Kinds of notices and who receives them; kinds of orders about a person, and how an observation ends."""

HEALTH = "health"
HOME_OBSERVATION = "home_observation"
MONITORING = "monitoring"
OUTCOMES = ("served", "refused")
RECEIVERS = ("self", "guardian", "family")

PLACEMENT, EXTENSION, EARLY_RELEASE = "centralised_placement", "extension", "early_release"
CENTRALISED = "centralised"  # the place of an approved placement, as plans call it
ORDER_KINDS = (PLACEMENT, EXTENSION, EARLY_RELEASE)
ORDER_STATES = ("proposed", "approved", "declined")

COMPLETED, EARLY, WITHDREW = "completed", "early", "withdrew"
CONVERSIONS = ("suspected", "confirmed", "transferred")
RELEASE_KINDS = (COMPLETED, EARLY, WITHDREW, *CONVERSIONS)


def notice_kind(*, observed: bool, voluntary: bool = False) -> str:
    """Everybody registered receives health advice; a person under observation, the notice of the observation.

    Where the plan leaves it to the person, the notice is an invitation and restricts nothing.
    """
    if not observed:
        return HEALTH
    return MONITORING if voluntary else HOME_OBSERVATION
