"""Faults that the converter does not see: expressions, names, circles, lists."""

from __future__ import annotations

from survey.instrument.choices import choice_filter_of, is_from_repeat
from survey.instrument.evaluator import scope_at
from survey.instrument.expression import compile_expression
from survey.instrument.faults import ExpressionError, Fault, InstrumentErrors
from survey.instrument.model import Instrument, Question
from survey.instrument.program import fault_of, program_of


def refuse_faults(instrument: Instrument) -> None:
    """Raise InstrumentErrors for every expression that cannot run and every circle."""
    faults = [
        fault
        for question in instrument.questions.values()
        for fault in _question_faults(instrument, question)
    ]
    try:
        program_of(instrument)
    except InstrumentErrors as errors:
        faults = [*errors.faults, *faults]
    if faults:
        raise InstrumentErrors(tuple(sorted(faults, key=lambda fault: (fault.sheet, fault.row or 0))))


def _question_faults(instrument: Instrument, question: Question) -> list[Fault]:
    faults = []
    if question.choice_filter or is_from_repeat(question):
        try:
            choice_filter_of(instrument, question)
        except ExpressionError as error:
            faults.append(fault_of(question, "choice_filter" if question.choice_filter else "type", error))
    seed = question.parameters.get("seed", "")
    if seed:
        try:
            scope_at(instrument, question).compile(compile_expression(seed).tree)
        except ExpressionError as error:
            faults.append(fault_of(question, "parameters", error))
    return faults
