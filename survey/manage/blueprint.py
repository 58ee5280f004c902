"""The blueprint of the managers' desk."""

from flask import Blueprint

manage = Blueprint("manage", __name__, url_prefix="/manage")
