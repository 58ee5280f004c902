"""What gunicorn loads: `gunicorn wsgi:application`."""

from survey.app import create_app

application = create_app()
