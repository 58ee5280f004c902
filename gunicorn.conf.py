"""gunicorn's settings, from the same environment as everything else."""

from survey.config import Settings

_settings = Settings.from_environment()

bind = f"127.0.0.1:{_settings.port}"
workers = _settings.workers
threads = _settings.threads
worker_class = "gthread"
preload_app = True  # a worker that died is back at once, and workers share the libraries' memory
timeout = 60
graceful_timeout = 10
keepalive = 5
accesslog = None
loglevel = "warning"
