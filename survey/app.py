"""The application factory."""

from contextlib import ExitStack

from flask import Flask

from survey import assets, errors, formats, transport
from survey.accounts.views import accounts
from survey.assessment.views import assessment
from survey.authoring import documents  # noqa: F401 - adds its pages to the blueprint
from survey.authoring.views import authoring
from survey.collect.views import collect
from survey.config import Settings
from survey.delivery import jobs as delivery_jobs  # noqa: F401 - the worker knows its jobs once they are imported
from survey.delivery import token_views  # noqa: F401 - adds its pages to the blueprint
from survey.delivery.api import deliveries_api
from survey.delivery.calendar_views import calendar
from survey.delivery.views import delivery_desk, public_key
from survey.disseminate import ahead, embargo  # noqa: F401 - the worker knows its jobs once they are imported
from survey.disseminate.api.views import api
from survey.disseminate.sdmx.views import sdmx
from survey.disseminate.signing import signing
from survey.disseminate.views import disseminate
from survey.editing import withdrawn  # noqa: F401 - corrections of withdrawn answers are erased with them
from survey.extensions import csrf, db, limiter, login_manager, migrate
from survey.health import health
from survey.manage import housekeeping  # noqa: F401 - the same
from survey.manage.letters import invitations
from survey.manage.views import manage
from survey.microdata.desk import microdata_desk
from survey.microdata.views import microdata
from survey.openrosa.views import openrosa
from survey.postgres import database
from survey.process.correcting import record_views, rule_views  # noqa: F401 - add their pages to the blueprint
from survey.process.correcting.views import correcting
from survey.process.estimates.views import estimates
from survey.process.recipes import compare_views, control_views  # noqa: F401 - add their pages to the blueprint
from survey.process.recipes.views import recipes
from survey.process.views import process
from survey.proxies import NearbyProxy
from survey.registry.values.import_views import value_imports
from survey.registry.values.views import administrative
from survey.registry.views import registry
from survey.reports.views import reports
from survey.voice.desk import voice_desk
from survey.voice.views import voice

ROOMS = (
    health, accounts, openrosa, collect, assessment, voice, voice_desk, process, correcting, recipes, estimates,
    signing, authoring, manage, invitations, registry, administrative, value_imports, disseminate, reports,
    microdata, microdata_desk, api, sdmx, deliveries_api, delivery_desk, calendar, public_key,
)  # fmt: skip

# Holds the embedded database for as long as this process lives, where no DATABASE_URL is given.
_held = ExitStack()


def create_app(database_url: str | None = None, settings: Settings | None = None) -> Flask:
    """Build the service; without a URL it takes `DATABASE_URL` or the embedded PostgreSQL."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__)
    app.wsgi_app = NearbyProxy(app.wsgi_app)  # type: ignore[method-assign]
    app.config.from_mapping(settings.flask(database_url or _held.enter_context(database(settings))))
    db.init_app(app)
    migrate.init_app(app, db, directory=str(settings.migrations))
    csrf.init_app(app)
    csrf.exempt(openrosa)  # ODK Collect has no page to take a token from; the project token stands for it
    csrf.exempt(deliveries_api)  # its clients have tokens, and no cookies that another site could use
    login_manager.init_app(app)
    limiter.init_app(app)
    assets.register(app)
    formats.register(app)
    errors.register(app)
    transport.register(app)
    for room in ROOMS:
        app.register_blueprint(room)
    return app
