"""Reads of notices, orders and releases, and what a notice says."""

from lianfang.mandate.orders.queries.letters import Certificate, Letter, certificate, letter, stays_asked
from lianfang.mandate.orders.queries.notices import (
    fitting_notices,
    is_voluntary,
    latest_notices,
    needed_kind,
    notices_of,
    observation_of,
    observations_of,
)

__all__ = [
    "Certificate",
    "Letter",
    "certificate",
    "fitting_notices",
    "is_voluntary",
    "latest_notices",
    "letter",
    "needed_kind",
    "notices_of",
    "observation_of",
    "observations_of",
    "stays_asked",
]
