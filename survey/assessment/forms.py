"""The one field that people fill in here; everything else is asked by the questionnaire's own pages."""

from flask_wtf import FlaskForm
from wtforms import StringField

from survey.assessment.words import say


class CodeForm(FlaskForm):
    """Open a form, or a result to compare with, by its code."""

    code = StringField(name="code", id="code")

    @classmethod
    def in_language(cls, language: str, label: str, wrong: tuple[str, str] | None = None) -> "CodeForm":
        """The form with its words; `wrong` is what was typed and the key of what is wrong with it."""
        form = cls(formdata=None)
        form.code.label.text = say(label, language)
        form.code.description = say("resume_code_hint", language)
        form.code.flags.required = True
        if wrong:
            form.code.data, key = wrong
            form.code.errors = [say(key, language, code=form.code.data)]
        return form
