"""Who gets which figures: the statistics office all, each owner its own, and what changed since the last time."""

import pytest

from survey.delivery.models import Change
from survey.delivery.queues import orphans, queue_of, queues
from survey.delivery.service import NothingToDeliver
from survey.disseminate import service as dissemination
from survey.extensions import db
from survey.rounds.models import Purpose
from tests.delivery.conftest import COMMUNES, OFFICE, OWNER, agency, put_out
from tests.disseminate.published import another_run, estimate

pytestmark = pytest.mark.usefixtures("registry")


def waiting() -> dict[str, list[str]]:
    return {queue.agency.code: [line.observation.indicator for line in queue.lines] for queue in queues()}


def changes(code: str) -> list[tuple[str, float | None, str]]:
    queue = queue_of(agency(code), is_synthetic=False)
    return [(line.change, line.observation.obs_value, line.observation.level or "") for line in queue.lines]


def publish_again(*estimates: object) -> list:
    """A later run of the same round replaces what is public."""
    figure = dissemination.current()[0]
    run = another_run(figure.release.run, *estimates)
    proposer, signer = figure.release.proposed_by, figure.release.approved_by
    found = dissemination.publish(dissemination.propose(run, proposer, "Hiệu chỉnh lại"), signer)
    db.session.commit()
    return found


def test_nothing_published_nothing_waits() -> None:
    assert queues() == []


def test_the_statistics_office_gets_all_and_each_owner_its_own() -> None:
    put_out()
    assert waiting() == {
        OFFICE: ["smartphone-use", "skills"],
        COMMUNES: ["smartphone-use"],
        "dn-vien-thong": ["smartphone-use"],
        OWNER: ["skills"],
    }


def test_owners_are_those_of_the_day_of_publication() -> None:
    """The department of 2022 is gone; its successor gets the line that the plan gave it."""
    put_out()
    assert "so-tttt-vl" not in waiting()


def test_a_line_whose_owner_was_abolished_stands_in_a_list_of_its_own() -> None:
    put_out(estimate(30.0, code="shops"))
    assert waiting() == {OFFICE: ["shops"]}
    (orphan,) = orphans()
    assert (orphan.indicator.code, orphan.figures, orphan.last_owners) == ("KH54-07", 1, ["UBND cấp huyện"])


def test_what_was_delivered_waits_no_more(deliver) -> None:
    put_out()
    deliver(OFFICE)
    assert OFFICE not in waiting()
    with pytest.raises(NothingToDeliver, match="Thống kê tỉnh"):
        deliver(OFFICE)


def test_a_later_figure_is_a_revision_of_the_one_that_was_delivered(deliver) -> None:
    put_out(estimate(72.4))
    deliver(OFFICE)
    publish_again(estimate(73.0), estimate(70.0, dimension="sex", level="male"))
    assert changes(OFFICE) == [(Change.REVISED, 73.0, ""), (Change.NEW, 70.0, "male")]
    deliver(OFFICE)
    assert changes(OFFICE) == []


def test_what_is_public_no_more_is_withdrawn_once(deliver) -> None:
    put_out(estimate(72.4), estimate(70.0, dimension="sex", level="male"))
    deliver(OFFICE)
    publish_again(estimate(73.0))
    assert changes(OFFICE) == [(Change.REVISED, 73.0, ""), (Change.WITHDRAWN, 70.0, "male")]
    deliver(OFFICE)
    assert changes(OFFICE) == []


def test_what_was_never_delivered_is_not_withdrawn(deliver) -> None:
    put_out(estimate(72.4), estimate(70.0, dimension="sex", level="male"))
    publish_again(estimate(73.0))
    assert changes(OFFICE) == [(Change.NEW, 73.0, "")]


def test_another_year_is_another_figure(deliver) -> None:
    put_out(estimate(70.0), period="2025")
    deliver(OFFICE)
    put_out(estimate(72.4))
    assert changes(OFFICE) == [(Change.NEW, 72.4, "")]


def test_generated_figures_wait_apart_and_those_of_verification_not_at_all(deliver) -> None:
    put_out(estimate(72.4), purpose=Purpose.DEMONSTRATION)
    put_out(estimate(42.6), period="2018", purpose=Purpose.VERIFICATION)
    assert changes(OFFICE) == []
    (figure,) = queue_of(agency(OFFICE), is_synthetic=True).lines
    assert figure.observation.obs_value == 72.4
    assert deliver(OFFICE, is_synthetic=True).is_synthetic


def test_a_withdrawn_release_is_withdrawn_everywhere_it_went(deliver) -> None:
    (figure,) = put_out(estimate(72.4))
    deliver(OFFICE)
    dissemination.withdraw(
        figure.release, figure.release.proposed_by, "nhầm trọng số", "Sai trọng số của một xã."
    )
    db.session.commit()
    assert changes(OFFICE) == [(Change.WITHDRAWN, 72.4, "")]
    assert waiting() == {OFFICE: ["smartphone-use"]}  # the communes never had it
