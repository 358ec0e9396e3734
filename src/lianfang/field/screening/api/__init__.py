"""Arrivals and hand-overs, over HTTP."""

from ninja import Router

from lianfang.field.screening.api.arrivals import router as arrivals
from lianfang.field.screening.api.handovers import router as handovers

router = Router()
router.add_router("", arrivals)
router.add_router("", handovers)
