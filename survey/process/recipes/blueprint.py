"""The blueprint of the recipe pages, under a round at the statistician's desk."""

from flask import Blueprint

from survey.process.service import LARGEST_ID

recipes = Blueprint("recipes", __name__, url_prefix="/process/<survey>/<code>")

NUMBER = f"<int(max={LARGEST_ID}):number>"
"""A version's or a set's number in an address."""
