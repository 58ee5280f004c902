"""One exception per fault; each says what is wrong, where, and what would put it right."""

from __future__ import annotations


class SurveyError(ValueError):
    """Any fault that this library finds in data, designs or requests."""

    def __reduce__(self) -> tuple[object, ...]:
        # A fault found by another process keeps its message: __init__ takes other arguments than it stores.
        return _restored, (type(self), self.args, self.__dict__)


class UnknownOption(SurveyError):
    """An option was given a value that does not exist."""

    def __init__(self, option: str, value: object, allowed: object) -> None:
        self.option, self.value, self.allowed = option, value, allowed
        super().__init__(f"{option}={value!r} is not known; use one of {_listed(allowed)}")


class ColumnNotFound(SurveyError):
    """A named column is not in the data."""

    def __init__(self, column: object, present: object = ()) -> None:
        self.column, self.present = column, present
        hint = f"; the columns are {_listed(present)}" if present else ""
        super().__init__(f"column {column!r} is not in the data{hint}")


class NotNumeric(SurveyError):
    """A column that must hold numbers holds something else."""

    def __init__(self, column: object, value: object) -> None:
        self.column, self.value = column, value
        shown = value.item() if hasattr(value, "item") else value  # numpy's numbers as plain ones
        super().__init__(f"column {column!r} must be numeric but holds {shown!r}; convert or recode it first")


class NotCategories(SurveyError):
    """A column that must hold categories holds lists or other values that cannot be told apart."""

    def __init__(self, column: object, value: object) -> None:
        self.column, self.value = column, value
        super().__init__(f"column {column!r} must hold categories but holds {value!r}; recode it first")


class MissingValues(SurveyError):
    """A column that must be complete has missing values."""

    def __init__(self, column: object, count: int, row: object) -> None:
        self.column, self.count, self.row = column, count, row
        super().__init__(
            f"column {column!r} has {count} missing value(s), the first at row {row!r}; "
            "fill them, or drop them as a domain where the method offers it"
        )


class BadWeight(SurveyError):
    """A weight or probability is negative, infinite, above one or adds up to nothing."""

    def __init__(self, column: object, problem: str) -> None:
        self.column, self.problem = column, problem
        super().__init__(f"weights in {column!r}: {problem}")


class BadReplicates(SurveyError):
    """A column of replicate weights is missing, extra, out of order, negative or empty."""

    def __init__(self, column: object, problem: str) -> None:
        self.column = column
        super().__init__(f"replicate weights {column!r}: {problem}")


class BadFpc(SurveyError):
    """A finite population correction contradicts the sample."""

    def __init__(self, column: object, problem: str) -> None:
        self.column, self.problem = column, problem
        super().__init__(f"population sizes in {column!r}: {problem}")


class ClustersNotNested(SurveyError):
    """The same cluster id occurs in several strata although the design says ids are unique."""

    def __init__(self, column: object, value: object) -> None:
        self.column, self.value = column, value
        super().__init__(
            f"cluster {value!r} of {column!r} occurs in more than one stratum; "
            "pass nest=True if ids start again in each stratum, or correct the ids"
        )


class LonelyPsu(SurveyError):
    """A stratum has a single sampled unit, so its variance cannot be estimated."""

    def __init__(self, stratum: object, stage: int) -> None:
        self.stratum, self.stage = stratum, stage
        super().__init__(
            f"stratum {stratum!r} has only one sampled unit at stage {stage}; merge it with a similar "
            "stratum or choose lonely_psu='certainty', 'adjust', 'average' or 'remove'"
        )


class EmptyDomain(SurveyError):
    """No unit with positive weight belongs to the domain asked for."""

    def __init__(self, domain: object) -> None:
        self.domain = domain
        super().__init__(f"no unit with positive weight and a known value lies in the domain {domain!r}")


class ZeroDenominator(SurveyError):
    """A ratio is asked for whose estimated denominator is zero."""

    def __init__(self, denominator: object, domain: object) -> None:
        self.denominator, self.domain = denominator, domain
        super().__init__(f"the total of denominator {denominator!r} is zero in domain {domain!r}")


class NotAProportion(SurveyError):
    """An interval for proportions was asked for a variable that is not 0 or 1."""

    def __init__(self, column: object, value: object) -> None:
        self.column, self.value = column, value
        super().__init__(
            f"column {column!r} holds {value!r}; a proportion needs 0/1, true/false or categories"
        )


class DuplicateControl(SurveyError):
    """A control total is given twice."""

    def __init__(self, margin: object, level: object) -> None:
        self.margin, self.level = margin, level
        super().__init__(f"margin {margin!r}: the total of level {level!r} is given more than once")


class BadControl(SurveyError):
    """A control total is not a usable number or a table of totals is misshapen."""

    def __init__(self, margin: object, problem: str) -> None:
        self.margin, self.problem = margin, problem
        super().__init__(f"margin {margin!r}: {problem}")


class LevelNotInControls(SurveyError):
    """The sample has a level for which no control total was given."""

    def __init__(self, margin: object, level: object, count: int) -> None:
        self.margin, self.level, self.count = margin, level, count
        super().__init__(
            f"margin {margin!r}: level {level!r} occurs in {count} sampled row(s) but has no control total; "
            "add its total or recode the level"
        )


class LevelNotInSample(SurveyError):
    """A control total asks for a level that nobody in the sample has."""

    def __init__(self, margin: object, level: object, target: float, neighbours: object = ()) -> None:
        self.margin, self.level, self.target, self.neighbours = margin, level, target, neighbours
        hint = (
            f"; collapse it with {_listed(neighbours)}" if neighbours else "; collapse it with another level"
        )
        super().__init__(
            f"margin {margin!r}: level {level!r} has target {target:.10g} but no weight in the sample{hint}"
        )


class ControlsDisagree(SurveyError):
    """Two margins add up to different populations."""

    def __init__(self, first: object, first_sum: float, second: object, second_sum: float) -> None:
        self.first, self.first_sum, self.second, self.second_sum = first, first_sum, second, second_sum
        super().__init__(
            f"margin {first!r} adds up to {first_sum:.10g} but margin {second!r} to {second_sum:.10g}; "
            "all margins must describe the same population"
        )


class NoConvergence(SurveyError):
    """An iterative adjustment stopped before its controls were met."""

    def __init__(
        self,
        method: str,
        iterations: int,
        margin: object,
        level: object,
        sample: float,
        target: float,
        neighbours: object = (),
    ) -> None:
        self.method, self.iterations = method, iterations
        self.margin, self.level, self.sample, self.target = margin, level, sample, target
        super().__init__(
            f"{method}: after {iterations} iterations the largest error is at margin {margin!r}, "
            f"level {level!r}: sample {sample:.10g}, target {target:.10g}; "
            f"collapse {f'it with {_listed(neighbours)}' if neighbours else 'small levels'}, "
            "widen the bounds or allow more iterations"
        )


class InfeasibleControls(SurveyError):
    """No weights within the bounds meet all controls; `conflicts` lists margin, level, gap and target."""

    def __init__(self, conflicts: list[tuple[str, object, float, float]]) -> None:
        self.conflicts = conflicts
        shown = "; ".join(
            f"{margin!r} level {level!r} misses its target {target:.10g} by {abs(gap):.6g}"
            for margin, level, gap, target in conflicts[:5]
        )
        super().__init__(
            f"no weights within the bounds meet all controls: at best {shown}; "
            "widen the bounds or collapse these levels"
        )


class ModelNotFitted(SurveyError):
    """A regression could not be fitted."""

    def __init__(self, model: str, problem: str) -> None:
        self.model, self.problem = model, problem
        super().__init__(f"{model}: {problem}")


class TooFewAreas(ModelNotFitted):
    """An area-level model has no more areas with a usable direct estimate than it needs."""

    def __init__(self, model: str, count: int, coefficients: int) -> None:
        super().__init__(model, f"{count} areas do not identify {coefficients} coefficients")
        self.count, self.coefficients = count, coefficients


class NoRespondents(SurveyError):
    """A nonresponse class has nobody who answered."""

    def __init__(self, cell: object, sampled: int, neighbours: object = ()) -> None:
        self.cell, self.sampled = cell, sampled
        near = f" such as {_listed(neighbours)}" if neighbours else ""
        super().__init__(
            f"class {cell!r}: {sampled} eligible unit(s) and no respondent; "
            f"collapse it with a similar class{near}"
        )


class UnsuitableDesign(SurveyError):
    """The design lacks what the method needs."""

    def __init__(self, method: str, problem: str) -> None:
        self.method, self.problem = method, problem
        super().__init__(f"{method}: {problem}")


class UnusableVariances(UnsuitableDesign):
    """Direct variances of some areas are zero, missing or of too few respondents for an area-level model."""

    def __init__(self, count: int, shown: str) -> None:
        self.count = count
        super().__init__(
            "small_area.from_design",
            f"the direct variance of {count} area(s) is not usable ({shown}); choose "
            "unusable='synthetic' to take them as unsampled or unusable='gvf' to smooth their variance",
        )


class AreaNotListed(SurveyError):
    """The sample holds an area of which nothing is known."""

    def __init__(self, area: object) -> None:
        self.area = area
        super().__init__(f"sampled area {area!r} has no row of covariates; add it or correct its code")


class ShareOutOfRange(SurveyError):
    """A share that was modelled without transformation left 0 to 1."""

    def __init__(self, area: object, share: float) -> None:
        self.area, self.share = area, share
        super().__init__(
            f"the share of area {area!r} would be {share:.4g}; use transform='arcsine' with benchmark='logit'"
        )


class NoOverlap(SurveyError):
    """The opt-in sample and the reference sample do not meet on some explanatory variable."""

    def __init__(self, what: str, problem: str) -> None:
        self.what, self.problem = what, problem
        super().__init__(
            f"{what}: {problem}; no weighting can stand in for people who never take part: recode or drop "
            "the variable, or confine the estimate to the population that both samples reach"
        )


class MixedSources(SurveyError):
    """Estimates of different kinds were put together without a named method."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"{problem}; estimates of different sources meet only in analysis.opt_in.combine")


class BadEdit(SurveyError):
    """An edit rule is misshapen or speaks of values that do not exist."""

    def __init__(self, edit: object, problem: str) -> None:
        self.edit, self.problem = edit, problem
        super().__init__(f"edit {edit!r}: {problem}")


class BadDomain(SurveyError):
    """The values that a field can take are not given or cannot be used."""

    def __init__(self, field: object, problem: str) -> None:
        self.field, self.problem = field, problem
        super().__init__(f"domain of field {field!r}: {problem}")


class InfeasibleEdits(SurveyError):
    """No record within the domains satisfies all edits; `edits` names a smallest set in conflict."""

    def __init__(self, edits: list[str], kept: list[str]) -> None:
        self.edits, self.kept = edits, kept
        fixed = f" while {_listed(kept)} may not change" if kept else ""
        super().__init__(
            f"no values within the domains satisfy the edits {_listed(edits)} together{fixed}; "
            "correct one of these edits, widen a domain or let more fields change"
        )


class NotLocalised(SurveyError):
    """The search for the fields to change stopped without an answer."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(f"error localisation: {message}; narrow the widest domains or raise the time limit")


class TimeExceeded(NotLocalised):
    """The search for the fields of a record used up the time that it was given."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"no answer within {seconds} seconds")


class NotFromSums(SurveyError):
    """Data that stay on disk or on a cluster were asked for something that sums over them do not give."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"{what} needs the rows themselves, and these data are read in partitions; means, totals, "
            "proportions, ratios, population variances and weighting by columns work there; for the rest "
            "bring a few columns into memory with design.compute(['column', ...])"
        )


class TooManyCombinations(SurveyError):
    """Rows of a partitioned data set do not merge into few enough combinations."""

    def __init__(self, columns: object, found: int, most: int) -> None:
        self.columns, self.found, self.most = columns, found, most
        super().__init__(
            f"the rows have {found:,} or more different combinations of {_listed(columns)}, and at most {most:,} "
            "are kept in memory; recode the columns with most values, use coarser domains or weighting "
            "classes, raise `most` with design.keeping(most), or bring a few columns into memory with "
            "design.compute(['column', ...])"
        )


def _restored(kind: type[SurveyError], message: tuple[object, ...], state: dict[str, object]) -> SurveyError:
    fault = kind.__new__(kind, *message)
    fault.args = message
    fault.__dict__.update(state)
    return fault


def _listed(values: object) -> str:
    if isinstance(values, str):
        return repr(values)
    try:
        shown = [repr(value) for value in values][:20]  # type: ignore[attr-defined]
    except TypeError:
        return repr(values)
    return ", ".join(shown)
