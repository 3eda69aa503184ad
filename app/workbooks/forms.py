"""The form that sends a workbook in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Field
from wtforms.validators import ValidationError

from app.workbooks.layout import MOST_MEGABYTES


class WorkbookForm(FlaskForm):
    """One file; what is in it, the worker finds out."""

    file = FileField(
        _l("Your filled-in workbook"),
        description=_l("An Excel workbook (.xlsx) of at most 5 MB."),
        validators=[FileRequired(_l("Choose the workbook you filled in."))],
        render_kw={
            "accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        },
    )

    def __init__(self, *, sent: bool = True) -> None:
        super().__init__(*(() if sent else (None,)))
        self.content = b""

    @classmethod
    def with_fault(cls, words: str) -> WorkbookForm:
        """An empty form that says what was wrong with a file that was not even read."""
        form = cls(sent=False)
        form.file.errors = [words]
        return form

    def validate_file(self, field: Field) -> None:
        if not field.data:
            return
        self.content = field.data.read(MOST_MEGABYTES * 1024 * 1024 + 1)
        if len(self.content) > MOST_MEGABYTES * 1024 * 1024:
            raise ValidationError(
                _l("This file has more than 5 MB. Remove pictures and other sheets from it.")
            )
        if not self.content:
            raise ValidationError(_l("This file is empty. Choose the workbook you filled in."))
