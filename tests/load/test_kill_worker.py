"""A worker that is killed in the middle loses no submission that a device was told is safe."""

import http.client
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from survey.config import Settings
from survey.extensions import db
from survey.intake.models import Response, ResponseEvent
from tests.factories import field_survey
from tests.live import serving
from tests.load.records import fresh_record, multipart, record_pool

pytestmark = pytest.mark.slow
DEVICES = 200
KILL_AFTER = 40
PATIENCE = 90.0


class Devices:
    """Two hundred phones that send at once and, as ODK Collect does, send again what was not acknowledged."""

    def __init__(self, base: str, path: str) -> None:
        self.host, self.path = urlsplit(base).netloc, path
        self.statuses: dict[str, int] = {}
        self.broken = 0
        self.lock = threading.Lock()
        self.some_are_in = threading.Event()

    def send(self, record: bytes) -> None:
        """Send until the server acknowledges."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                status = self._post(record)
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.broken += 1
                time.sleep(0.2)
                continue
            assert status in (201, 202), status
            self._note(record, status)
            return
        raise AssertionError("a device gave up")

    def _post(self, record: bytes) -> int:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request("POST", self.path, *multipart(record))
            return connection.getresponse().status
        finally:
            connection.close()

    def _note(self, record: bytes, status: int) -> None:
        instance = record.partition(b"instanceID>")[2].partition(b"<")[0].decode()
        with self.lock:
            self.statuses[instance] = status
            if len(self.statuses) >= KILL_AFTER:
                self.some_are_in.set()


def workers_of(master: int) -> list[int]:
    """gunicorn's worker processes."""
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def busiest_worker_of(master: int) -> int:
    """The worker with the most connections open: an idle one could be killed without harm."""
    return max(workers_of(master), key=lambda pid: len(list(Path(f"/proc/{pid}/fd").iterdir())))


def test_a_killed_worker_loses_no_acknowledged_submission(
    app: Flask, database_url: str, settings: Settings
) -> None:
    fielded = field_survey(app)
    pool = record_pool(fielded.instrument, 20)
    records = [fresh_record(pool, number) for number in range(DEVICES)]
    with serving(database_url, settings.home, workers=2) as (base, master):
        devices = Devices(base, f"/openrosa/{fielded.project_token}/submission")
        with ThreadPoolExecutor(DEVICES) as people:
            sent = [people.submit(devices.send, record) for record in records]
            assert devices.some_are_in.wait(PATIENCE)
            victim = busiest_worker_of(master)
            os.kill(victim, signal.SIGKILL)
            at_the_kill = len(devices.statuses)
            for sending in sent:
                sending.result()
        assert victim not in workers_of(master)
    assert at_the_kill < DEVICES, "the kill came too late to matter"
    assert devices.broken > 0, "nobody was connected to the killed worker"
    with app.app_context():
        kept = set(db.session.scalars(select(Response.instance_id)))
        events = list(db.session.scalars(select(ResponseEvent.response_id)))
    assert set(devices.statuses) == kept
    assert len(kept) == DEVICES
    assert len(events) == len(set(events)) == DEVICES
