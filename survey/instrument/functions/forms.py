"""Functions that need the form, the position in it, or lazy arguments; compiled by the evaluator."""

from survey.instrument.functions.registry import MANY, form

form("if", 3)
form("coalesce", 2, MANY)
form("once", 1)
form("position", 0, 1, gives="number")
form("current", 0)
form("instance", 1)
form("indexed-repeat", 3, 7)
form("jr:choice-name", 2, gives="string")
form("jr:itext", 1, gives="string")
form("pulldata", 3, 4, gives="string")
form("version", 0, gives="string")
form("extract-signed", 2, gives="string")
form("property", 1, gives="string")
form("depend", 1, MANY)
form("true", 0, gives="boolean")
form("false", 0, gives="boolean")
form("not", 1, gives="boolean")
