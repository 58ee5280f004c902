"""Staff are reminded of each deadline once for each distance: by mail where addresses are set. Pages show it anyway."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from survey import formats
from survey.config import Settings
from survey.delivery.deadlines import Deadline, coming
from survey.delivery.models import Reminder
from survey.extensions import db
from survey.invitations.dispatch import Dispatch
from survey.invitations.models import Channel
from survey.invitations.senders import sender_of

DAYS_BEFORE = (30, 7, 1)
MOST_LINES = 40


def remind(config: Settings, today: date) -> list[Reminder]:
    """Send what is to be said today, one mail an address for each deadline and distance; commits after each.

    A day on which no worker ran is made up for: the nearest distance that is reached counts. Raises what the carrier
    raises; what was not sent is tried again the next time.
    """
    told = []
    for deadline in coming(today, max(DAYS_BEFORE)):
        reached = min(days for days in DAYS_BEFORE if deadline.days_left <= days)
        if not _is_known(deadline, reached):
            _mail(deadline, config)
            told.append(_note(deadline, reached))
    return told


def _is_known(deadline: Deadline, reached: int) -> bool:
    """Whether this distance, or a nearer one, was told before."""
    query = select(Reminder.id).where(
        Reminder.obligation == deadline.obligation.code,
        Reminder.due == deadline.obligation.due,
        Reminder.days_before <= reached,
    )
    return db.session.scalar(query.limit(1)) is not None


def _note(deadline: Deadline, reached: int) -> Reminder:
    told = {"obligation": deadline.obligation.code, "due": deadline.obligation.due, "days_before": reached}
    db.session.execute(insert(Reminder).values(**told).on_conflict_do_nothing())
    db.session.commit()
    return db.session.scalars(select(Reminder).filter_by(**told)).one()


def _mail(deadline: Deadline, config: Settings) -> None:
    if not config.remind_to:
        return
    with sender_of(Channel.EMAIL, config) as sender:
        for number, address in enumerate(config.remind_to):
            key = f"reminder-{deadline.obligation.code}-{deadline.days_left}-{number}"
            sender.send(Dispatch(key, address, "\n".join(words(deadline)), subject(deadline)))


def subject(deadline: Deadline) -> str:
    """`Còn 7 ngày: Báo cáo năm …`."""
    return f"Còn {deadline.days_left} ngày: {deadline.obligation.title}"


def words(deadline: Deadline) -> Sequence[str]:
    """What a mail says: the report, its day, what is missing."""
    one = deadline.obligation
    return [
        f"{one.title} ({one.basis}).",
        f"Hạn cuối: {formats.date(one.last_day)}. Kỳ: {one.period}.",
        f"Đơn vị báo cáo: {one.owner or 'chưa rõ'}. Nơi nhận: {one.recipient or 'chưa rõ'}.",
        f"Có số liệu: {deadline.there} trên {deadline.lines} chỉ tiêu.",
        *(f"- Chưa có: {line.code} {line.name['vi']}" for line in deadline.missing[:MOST_LINES]),
        *(
            [f"- … và {len(deadline.missing) - MOST_LINES} chỉ tiêu khác"]
            if len(deadline.missing) > MOST_LINES
            else []
        ),
        *(
            f"- Chưa ký: lượt {run.id}, {run.round.survey.code} / {run.round.code}"
            for run in deadline.unsigned
        ),
    ]
