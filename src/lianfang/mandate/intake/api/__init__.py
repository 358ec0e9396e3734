"""Lists and records in, over HTTP."""

from ninja import Router

from lianfang.mandate.intake.api.imports import router as imports
from lianfang.mandate.intake.api.records import router as records

router = Router()
router.add_router("", imports)
router.add_router("", records)
