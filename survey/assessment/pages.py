"""What a result says to people in one language: the same for the page and for paper."""

from dataclasses import dataclass, replace
from fractions import Fraction

from survey import formats
from survey.assessment.lift import Change, Lift
from survey.assessment.peers import Peers
from survey.assessment.plan import Advice, Assessment, Words
from survey.assessment.radar import Axis, Radar, Shape
from survey.assessment.scoring import PillarScore, Result, points_limit
from survey.assessment.service import Standing
from survey.assessment.words import say
from survey.instrument import answer_label
from survey.rounds.models import InstrumentVersion
from survey.rounds.service import instrument_of
from survey.text import in_language

SHARE_DECIMALS = 1


@dataclass(frozen=True)
class Line:
    """One pillar in the table beside the radar."""

    label: str
    level: str
    points: str
    share: str
    peers: str
    left_out: str


@dataclass(frozen=True)
class Raise:
    """One criterion to raise, in its own words."""

    criterion: str
    now: str
    then: str
    gain: str


@dataclass(frozen=True)
class Way:
    """How one pillar comes to its next level."""

    title: str
    changes: tuple[Raise, ...]
    advice: str
    approval: str


@dataclass(frozen=True)
class Page:
    """A whole result."""

    level: str
    points: str
    radar: Radar
    lines: tuple[Line, ...]
    peers: tuple[str, ...]
    has_peers: bool
    next_level: str
    ways: tuple[Way, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """One pillar, or the whole, in two results."""

    label: str
    before: str
    after: str
    change: str
    points: str


def result_page(standing: Standing, language: str) -> Page:
    """All that the page of a result shows."""
    plan, result, peers = standing.plan, standing.result, standing.peers()
    return Page(
        level=level_words(plan, result.level, language),
        points=points_words(plan, result.points, result.maximum, language),
        radar=_with_peers(radar_of(standing, language), peers, language),
        lines=tuple(_line(plan, score, _peer_share(peers, place, language), language)
                    for place, score in enumerate(result.pillars)),
        peers=_peers_words(standing, peers, language),
        has_peers=peers is not None,
        next_level=_next_level(standing, language),
        ways=tuple(_way(standing, way, language) for way in standing.lifts()),
        rules=rules(plan, language),
    )  # fmt: skip


def level_words(plan: Assessment, level: int | None, language: str) -> str:
    """`Mức 2 trên 5: Bắt đầu`."""
    name = in_language(plan.names[level or 0], language)
    return say("level_of", language, level=level, top=plan.top, name=name)


def points_words(plan: Assessment, points: int, maximum: int, language: str) -> str:
    """`110 trên 320 điểm`."""
    return say(
        "points_of",
        language,
        points=_points(plan, points, language),
        maximum=_points(plan, maximum, language),
    )


def _points(plan: Assessment, points: int | Fraction, language: str, *, sign: bool = False) -> str:
    """Points as people write them; a decimal only where there is one."""
    value = Fraction(points, plan.scale)
    decimals = 0 if value.denominator == 1 else 1
    written = formats.number(float(value), decimals, language)
    return f"+{written}" if sign and value > 0 else written


def radar_of(standing: Standing, language: str) -> Radar:
    """The picture of one result."""
    plan, scores = standing.plan, standing.result.pillars
    axes = (Axis(in_language(s.pillar.short, language), _level_note(s, language)) for s in scores)
    told = (f"{in_language(s.pillar.label, language)}: {_level_note(s, language)}" for s in scores)
    return Radar(
        title=in_language(plan.title, language),
        summary=f"{level_words(plan, standing.result.level, language)}. {'; '.join(told)}.",
        axes=tuple(axes),
        rings=tuple(map(float, plan.thresholds)),
        shapes=(Shape(tuple(score.share for score in scores)),),
    )


def _with_peers(radar: Radar, peers: Peers | None, language: str) -> Radar:
    if peers is None:
        return radar
    told = (
        f"{axis.label} {_share(share, language)}"
        for axis, share in zip(radar.axes, peers.medians, strict=True)
    )
    summary = f"{radar.summary} {say('peer_median', language)}: {'; '.join(told)}."
    return replace(radar, summary=summary, shapes=(*radar.shapes, Shape(peers.medians, is_own=False)))


def _level_note(score: PillarScore, language: str) -> str:
    if score.level is None:
        return say("not_counted", language)
    return say("level", language, level=score.level)


def _share(share: float | None, language: str) -> str:
    return formats.percent(share, SHARE_DECIMALS, language)


def _peer_share(peers: Peers | None, place: int, language: str) -> str:
    return _share(peers.medians[place], language) if peers else ""


def _line(plan: Assessment, score: PillarScore, peers: str, language: str) -> Line:
    points, maximum = (_points(plan, value, language) for value in (score.points, score.maximum))
    return Line(
        label=in_language(score.pillar.label, language),
        level=str(score.level) if score.level is not None else formats.NOTHING,
        points=f"{points}/{maximum}",
        share=_share(score.share, language),
        peers=peers,
        left_out=say("left_out", language, count=score.left_out) if score.left_out else "",
    )


def _peers_words(standing: Standing, peers: Peers | None, language: str) -> tuple[str, ...]:
    minimum = standing.plan.peers.minimum
    if peers is None:
        return (say("peers_none", language, minimum=minimum),)
    group = "; ".join(
        _group(standing.response.instrument_version, *pair, language) for pair in peers.values.items()
    )
    told = say("peers_are", language, n=formats.number(peers.n, 0, language), round=peers.round.time_period,
               group=group or say("group_all", language))  # fmt: skip
    wider = () if peers.is_narrowest else (say("peers_wider", language, minimum=minimum),)
    return (told, *wider, say("peers_no_sample", language))


def _group(version: InstrumentVersion, name: str, value: str, language: str) -> str:
    """A value that makes a group, by the names in indicators.yaml, else those of the question."""
    entry = (version.indicators.get("breakdowns") or {}).get(name) or {}
    instrument = instrument_of(version)
    question = instrument.questions.get(name)
    label = in_language(entry.get("label"), language) or (question.label(language) if question else name)
    told = in_language((entry.get("levels") or {}).get(value), language)
    asked = answer_label(instrument, name, value, language) if question else value
    return say("group_same", language, name=label, value=told or asked)


def _next_level(standing: Standing, language: str) -> str:
    plan, result = standing.plan, standing.result
    if result.level is None or result.level >= plan.top:
        return say("lift_top", language)
    level = result.level + 1
    needs = say(
        "lift_overall",
        language,
        level=level,
        limit=_points(plan, points_limit(plan, level, result.maximum), language),
        points=_points(plan, result.points, language),
        pillars=plan.rules[level - 1].pillars,
        now=result.at_least(level),
    )
    nearest = [_steps_to(way, language) for way in standing.nearest(level)]
    return f"{needs} {say('lift_nearest', language, pillars='; '.join(nearest))}" if nearest else needs


def _steps_to(way: Lift, language: str) -> str:
    return say("steps_to", language, pillar=in_language(way.score.pillar.label, language), steps=way.steps)


def _way(standing: Standing, way: Lift, language: str) -> Way:
    advice = way.score.pillar.advice_at(way.level - 1)
    title = say("lift_pillar", language, pillar=in_language(way.score.pillar.label, language), now=way.level - 1,
                level=way.level, missing=_points(standing.plan, way.missing, language), steps=way.steps)  # fmt: skip
    return Way(
        title=title,
        changes=tuple(_raise(standing, change, language) for change in way.changes),
        advice=in_language(advice.text, language) if advice else "",
        approval=_approval(advice, language) if advice else "",
    )


def _raise(standing: Standing, change: Change, language: str) -> Raise:
    instrument = instrument_of(standing.response.instrument_version)
    name = change.criterion.variable
    return Raise(
        criterion=instrument.questions[name].label(language),
        now=answer_label(instrument, name, change.now, language),
        then=answer_label(instrument, name, change.then, language),
        gain=_points(standing.plan, change.gain, language, sign=True),
    )


def _approval(advice: Advice, language: str) -> str:
    source: Words = advice.source
    return (
        say("source", language, source=in_language(source, language))
        if source
        else say("unapproved", language)
    )


def rules(plan: Assessment, language: str) -> tuple[str, ...]:
    """How it is computed, in sentences."""
    limits = ", ".join(formats.number(float(limit), 0 if limit.denominator == 1 else 1, language)
                       for limit in plan.thresholds)  # fmt: skip
    levels = ", ".join(str(level) for level in range(1, plan.top + 1))
    told = say("rule_pillars", language, levels=levels, limits=limits)
    return tuple(filter(None, (in_language(plan.method, language), told, say("rule_missing", language))))


def differences(first: Standing, second: Standing, language: str) -> tuple[Difference, ...]:
    """What changed from one result to another: the whole, then each pillar."""
    plan = second.plan
    whole = _difference(plan, say("total", language), first.result, second.result, language)
    pairs = zip(first.result.pillars, second.result.pillars, strict=True)
    each = (
        _difference(plan, in_language(new.pillar.label, language), old, new, language) for old, new in pairs
    )
    return (whole, *each)


def _difference(
    plan: Assessment, label: str, old: Result | PillarScore, new: Result | PillarScore, language: str
) -> Difference:
    gained = _points(plan, new.points - old.points, language, sign=True)
    moved = _moved(old.level, new.level, language)
    return Difference(label, _stood(old), _stood(new), moved, gained)


def _stood(score: Result | PillarScore) -> str:
    return formats.NOTHING if score.level is None else str(score.level)


def _moved(old: int | None, new: int | None, language: str) -> str:
    if old is None or new is None:
        return formats.NOTHING
    key = "rose" if new > old else "fell" if new < old else "same"
    return say(key, language, levels=abs(new - old))
