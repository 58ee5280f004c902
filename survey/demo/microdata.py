"""One anonymous file of the synthetic round, so that who tries the service finds microdata to compute with."""

from dataclasses import replace

from survey.accounts.models import User
from survey.microdata import service
from survey.microdata.models import MicrodataRelease
from survey.microdata.plan import suggested
from survey.process.models import Run

LEVEL = "adult"
RECODES = {"age": "15, 18, 30, 45, 60", "household_size": "max 8", "adults_15plus": "max 6"}
LEFT_OUT = {"age_group"}
"""Known from the age bands."""


def release_microdata(run: Run, first: User, second: User) -> MicrodataRelease | None:
    """Make and sign the first version; None where the round has one."""
    if any(one.round_id == run.round_id for one in service.all_releases()):
        return None
    bench = service.bench_of(run, LEVEL)
    plan = suggested(LEVEL, bench.offered)
    chosen = tuple(
        replace(one, recode=RECODES.get(one.name, "")) for one in plan.variables if one.name not in LEFT_OUT
    )
    release = service.make(bench, replace(plan, variables=chosen), first)
    service.propose(release, first)
    service.sign(release, second)
    return release
