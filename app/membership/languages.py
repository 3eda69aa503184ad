"""Any language of the world can be declared: names to choose from, and what was typed to a code."""

from __future__ import annotations

from functools import cache

from babel import Locale

from app.i18n import INTERFACE_LANGUAGES, collation_key, reader_locale

# Codes of the CLDR that name no language.
NO_LANGUAGE = frozenset({"mul", "und", "zxx", "root", "mis"})


def all_languages() -> list[tuple[str, str]]:
    """(code, name) of every language, in the order and words of the reader."""
    return list(_named(_reader()))


def all_codes() -> frozenset[str]:
    return _codes()


def code_of(typed: str) -> str | None:
    """The code of a language named in the reader's or another interface language, or as a code."""
    wanted = _plain(typed)
    for language in (_reader(), *INTERFACE_LANGUAGES):
        found = _by_name(language).get(wanted)
        if found:
            return found
    return wanted if wanted in _codes() else None


def _reader() -> str:
    return str(reader_locale().language)


def _plain(text: str) -> str:
    return str(collation_key()(" ".join(text.split()))[0])


@cache
def _codes() -> frozenset[str]:
    return frozenset(
        code
        for code in map(str, Locale("en").languages)
        if code.isalpha() and code not in NO_LANGUAGE
    )


@cache
def _named(reader: str) -> tuple[tuple[str, str], ...]:
    names = Locale(reader).languages
    english = Locale("en").languages
    key = collation_key()
    pairs = ((code, _capital(str(names.get(code) or english[code]))) for code in _codes())
    return tuple(sorted(pairs, key=lambda pair: key(pair[1])))


@cache
def _by_name(reader: str) -> dict[str, str]:
    return {_plain(name): code for code, name in _named(reader)}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
