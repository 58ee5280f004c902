"""The blueprint of the version pages, under the managers' desk."""

from flask import Blueprint

authoring = Blueprint("authoring", __name__, url_prefix="/manage")

LARGEST_ID = 2**31 - 1  # of a PostgreSQL integer; a longer number in an address is nobody's
VERSION = f"/<survey>/phien-ban/<int(max={LARGEST_ID}):version_id>"
"""Where every page of a version stands."""
