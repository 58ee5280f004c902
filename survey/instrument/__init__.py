"""The questionnaire engine: XLSForm to Instrument, one expression language, path, validation,
OpenRosa submissions, codebook.  Pure: it knows neither the web service nor the database."""

from survey.instrument.attached import refuse_files
from survey.instrument.attachments import File, names_beside
from survey.instrument.build import build_instrument, read_xlsform
from survey.instrument.check import Checked, check
from survey.instrument.choices import answer_label, choices_for
from survey.instrument.codebook import codebook, codebook_csv
from survey.instrument.column_evaluator import evaluate_column, holds
from survey.instrument.comparison import Change, Difference, compare
from survey.instrument.ddi import codebook_ddi
from survey.instrument.entry import coerce, is_grouped
from survey.instrument.evaluate import evaluate
from survey.instrument.expression import Expression, compile_expression
from survey.instrument.faults import (
    AnswerFault,
    BrokenSubmission,
    EvaluationError,
    ExpressionError,
    Fault,
    InstrumentErrors,
    TypeFault,
)
from survey.instrument.migration import Line, migration_report
from survey.instrument.model import Choice, Group, Instrument, Page, Question, Repeat, Texts
from survey.instrument.money import asked_in
from survey.instrument.numerals import written
from survey.instrument.path import next_page, path, previous_page, repeat_count, starting_answers
from survey.instrument.reading import Submission, parse_submission
from survey.instrument.sheets import form_in, markdown_sheets, read_sheets
from survey.instrument.submission import Header, submission_header
from survey.instrument.texts import filled
from survey.instrument.workbook import csv_files, xlsx_bytes
from survey.instrument.writing import submission_xml

__all__ = [
    "AnswerFault",
    "BrokenSubmission",
    "Change",
    "Checked",
    "Choice",
    "Difference",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "Fault",
    "File",
    "Group",
    "Header",
    "Instrument",
    "InstrumentErrors",
    "Line",
    "Page",
    "Question",
    "Repeat",
    "Submission",
    "Texts",
    "TypeFault",
    "answer_label",
    "asked_in",
    "build_instrument",
    "check",
    "choices_for",
    "codebook",
    "codebook_csv",
    "codebook_ddi",
    "coerce",
    "compare",
    "compile_expression",
    "csv_files",
    "evaluate",
    "evaluate_column",
    "filled",
    "form_in",
    "holds",
    "is_grouped",
    "markdown_sheets",
    "migration_report",
    "names_beside",
    "next_page",
    "parse_submission",
    "path",
    "previous_page",
    "read_sheets",
    "read_xlsform",
    "refuse_files",
    "repeat_count",
    "starting_answers",
    "submission_header",
    "submission_xml",
    "written",
    "xlsx_bytes",
]
