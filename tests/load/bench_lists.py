"""How fast a citizen's page is whose list has 50,000 choices in a file; prints medians and bytes, tests nothing.

python -m tests.load.bench_lists
"""

import gzip
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from werkzeug.test import TestResponse

from survey.app import create_app
from survey.config import Settings
from survey.extensions import db
from survey.postgres import database
from tests.collect.visitor import Visitor
from tests.factories import field_survey
from tests.load.bench_instrument import lists

TIMES = 30
FORM = """
| survey   |                                    |          |       |                        |
|          | type                               | name     | label | choice_filter          |
|          | select_one_from_file districts.csv | district | Xã    |                        |
|          | select_one_from_file places.csv    | place    | Ấp    | district = ${district} |
|          | select_one_from_file places.csv    | any      | Mọi ấp |                       |
| settings |                                    |          |       |                        |
|          | form_id                            | version  |       |                        |
|          | lists                              | 1        |       |                        |
"""


def timed(label: str, action: Callable[[], TestResponse]) -> None:
    """Print the median of several requests and what the page weighs."""
    action()
    spent, size = [], 0
    for _ in range(TIMES):
        start = time.perf_counter()
        reply = action()
        spent.append((time.perf_counter() - start) * 1000)
        size = len(gzip.compress(reply.data, 6))
    print(f"{label:52} {median(spent):8.1f} ms median {size:7d} bytes gz")


def main() -> None:
    """Field the form on a database of its own and open its pages."""
    with tempfile.TemporaryDirectory(prefix="khaosat-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        settings = replace(
            Settings.from_environment(), home=home, database_url=None, files=str(home / "files")
        )
        (home / "media").mkdir()
        for name, content in lists().items():
            (home / "media" / name).write_bytes(content)
        with database(settings) as url:
            app = create_app(url, settings)
            with app.app_context():
                db.create_all()
            start = time.perf_counter()
            field_survey(app, FORM, folder=home)
            print(f"{'bring the form and its lists in':52} {(time.perf_counter() - start) * 1000:8.1f} ms")
            visitor = Visitor(app.test_client()).open("/s/lists").press()
            root = visitor.address.rpartition("/")[0]
            visitor.press(district="D7")
            get = visitor.client.get
            timed("page with one of 500, in a search", lambda: get(f"{root}/district"))
            timed("page with the 100 of 50,000 that a filter leaves", lambda: get(f"{root}/place"))
            visitor.press(place="p7")
            timed("page with a search in all 50,000", lambda: get(f"{root}/any"))
            visitor.press(any="ấp số 49999")
            timed("page that shows the chosen one of 50,000", lambda: get(f"{root}/any"))
            timed("review", lambda: get(visitor.address))
            visitor.open(f"{root}/any")
            data = dict(visitor.form().form_values()) | {"any": "số 4999"}
            timed("post of a name that several have", lambda: visitor.client.post(f"{root}/any", data=data))
            with app.app_context():
                db.engine.dispose()


if __name__ == "__main__":
    main()
