"""Posts and bodies of the command organisation as codes, and which post must be filled."""

from datetime import datetime

BODIES = ("leading_group", "command_post", "office", "working_group", "member_unit")
# What each sort of body needs before it counts as complete.
REQUIRED = {
    "leading_group": ("head",),
    "command_post": ("head",),
    "office": ("head",),
    "working_group": ("head",),
    "member_unit": ("contact",),
}
BODY_POSTS = {
    "leading_group": ("head", "deputy", "member"),
    "command_post": ("head", "deputy", "member"),
    "office": ("head", "deputy", "member"),
    "working_group": ("head", "deputy", "member"),
    "member_unit": ("contact", "legal_representative"),
}
AREA_POSTS = ("first_responsible", "linked_leader", "village_lead", "grid_worker")
PARTIES = ("locality", "department", "unit", "individual")
POSTS = (
    *AREA_POSTS,
    "head",
    "deputy",
    "member",
    "contact",
    "legal_representative",
    *PARTIES,
)
# Held by one at a time; a group may have two heads, a village several linked leaders.
SINGLE = ("first_responsible", "village_lead", "grid_worker", "contact", "legal_representative", *PARTIES)
VENUES = ("venue", "unit", "project")
AREA_LEVELS = ("county", "township", "village", "community")  # each has a first responsible person


def body_state(
    *, at: datetime, suspended_at: datetime | None, merged: bool, valid_to: datetime | None, valid_from: datetime
) -> str:
    """active → merged or suspended → closed, as of the moment."""
    if at < valid_from:
        return "planned"
    if valid_to is not None and valid_to <= at:
        return "closed"
    if suspended_at is not None and suspended_at <= at:
        return "merged" if merged else "suspended"
    return "active"


def term_state(*, at: datetime, since: datetime | None, until: datetime | None, declined_at: datetime | None) -> str:
    """proposed → effective → ended."""
    if declined_at is not None and declined_at <= at:
        return "declined"
    if since is None or since > at:
        return "proposed"
    return "ended" if until is not None and until <= at else "effective"
