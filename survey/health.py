"""Whether the service lives and can serve: for supervisors and load balancers."""

from flask import Blueprint
from sqlalchemy import text

from survey.extensions import db, limiter

health = Blueprint("health", __name__)


@health.get("/healthz")
@limiter.exempt
def alive() -> tuple[str, dict[str, str]]:
    """The process answers."""
    return "ok\n", {"Content-Type": "text/plain", "Cache-Control": "no-store"}


@health.get("/readyz")
@limiter.exempt
def ready() -> tuple[str, dict[str, str]]:
    """The database answers too."""
    db.session.execute(text("SELECT 1"))
    return "ready\n", {"Content-Type": "text/plain", "Cache-Control": "no-store"}
