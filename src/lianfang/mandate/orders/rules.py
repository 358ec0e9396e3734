"""Kinds of notices and who receives them."""

HEALTH = "health"
HOME_OBSERVATION = "home_observation"
OUTCOMES = ("served", "refused")
RECEIVERS = ("self", "guardian", "family")


def notice_kind(*, observed: bool) -> str:
    """Everybody registered receives health advice; a person under observation, the notice of the observation."""
    return HOME_OBSERVATION if observed else HEALTH
