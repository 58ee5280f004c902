"""The Flask extensions, made once here and bound to the application in `survey.app`."""

from datetime import datetime
from typing import Any

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import DeclarativeBase, registry

# Named constraints, so that a migration can name what it drops and an error says which rule was broken.
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Declarative base of every table."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        # JSON keeps documents as they were written: in a plan, the order of levels and variables has meaning.
        type_annotation_map={dict[str, Any]: JSON, list[Any]: JSON, datetime: DateTime(timezone=True)},
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
migrate = Migrate()
csrf = CSRFProtect()
login_manager = LoginManager()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)
