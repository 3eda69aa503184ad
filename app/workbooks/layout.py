"""How a workbook is laid out: what writing and reading agree on.

Each data sheet carries stable codes in a hidden row or column, and a hidden sheet says what the
words of the drop-down lists stand for. So a workbook filled in one language is read by a site
used in another, and columns may be moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_babel import force_locale

from app.i18n import COMPLETE_LANGUAGES, INTERFACE_LANGUAGES, collation_key, language_name
from app.membership import catalogue
from app.membership.models import State

FORMAT = "1"
CODES_SHEET = "tandem"
FEWEST_LANGUAGES = 3
MOST_NEEDS = len(catalogue.themes())
MOST_TEXT = 2000
MOST_MEGABYTES = 5
# The same two limits stand in ``unpacking``, which runs without the rest of the site.
MOST_UNPACKED_MEGABYTES = 50
MOST_ROWS = 10_000
MOST_MENTEES = 20
REGIONS = 5
SUB_NETWORKS = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a drop-down list and what it stands for."""

    kind: str
    code: str
    label: str


def words_for(state: State, text_languages: Iterable[str] = ()) -> list[Word]:
    """Every word a cell of the template may hold, in the reader's language."""
    words = [Word("theme", one.code, one.name) for one in catalogue.themes()]
    words.append(Word("level", "", catalogue.level_name(None)))
    words += [Word("level", str(level), catalogue.level_name(level)) for level in catalogue.LEVELS]
    spoken = [row.code for row in state.languages]
    words += [Word("spoken", code, language_name(code)) for code in spoken]
    written = dict.fromkeys([*INTERFACE_LANGUAGES, *spoken, *text_languages])
    words += [Word("written", code, language_name(code)) for code in written]
    words += [Word("region", one.code, one.name) for one in catalogue.regional_groups()]
    words += [Word("sub_network", one.code, one.name) for one in catalogue.sub_networks()]
    return words


def folded(text: str) -> str:
    """A label without case, accents and doubled spaces, as people may retype it."""
    return str(collation_key()(" ".join(text.split()))[0])


class Lexicon:
    """From what stands in a cell to a code: by the workbook's own words, then by any language's."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._codes: dict[tuple[str, str], str] = {}
        for word in (*words, *_words_of_all_languages()):
            self._codes.setdefault((word.kind, folded(word.label)), word.code)
            if word.code:
                self._codes.setdefault((word.kind, folded(word.code)), word.code)

    def code(self, kind: str, text: str) -> str | None:
        return self._codes.get((kind, folded(text)))

    def labels(self, kind: str) -> dict[str, str]:
        """Codes by folded label, for suggestions."""
        return {label: code for (of, label), code in self._codes.items() if of == kind}


def _words_of_all_languages() -> Iterator[Word]:
    for language in INTERFACE_LANGUAGES:
        yield from (Word("theme", t.code, t.name_in(language)) for t in catalogue.themes())
        for kind, named in (
            ("region", catalogue.regional_groups()),
            ("sub_network", catalogue.sub_networks()),
        ):
            yield from (Word(kind, one.code, one.name_in(language)) for one in named)
    for language in COMPLETE_LANGUAGES:
        with force_locale(language):
            yield Word("level", "", catalogue.level_name(None))
            for level in catalogue.LEVELS:
                yield Word("level", str(level), catalogue.level_name(level))
