"""Translations: fresh, complete, with equal placeholders, and truly translated.

``python -m tests.catalogs`` checks; ``--update`` takes new texts over into every catalog.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from app.i18n import COMPLETE_LANGUAGES, INTERFACE_LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{\w*\}")
# Words that are the same in another language, each checked by a reader of that language.
ALLOWED = FOLDER / "same-as-english.txt"
Key = tuple[str | None, str]


def catalog(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def pybabel(*words: str) -> None:
    frontend = [sys.executable, "-m", "babel.messages.frontend", "-q"]
    subprocess.run([*frontend, *words], cwd=ROOT, check=True)


def extract(target: Path) -> None:
    """Collect every translatable text of the site."""
    keywords = ("-k", "_l", "-k", "_ln:1,2")
    looks = ("--no-location", "--sort-output", "--omit-header")
    pybabel("extract", "-F", "translations/babel.cfg", *looks, *keywords, "-o", str(target), ".")


def update() -> None:
    """Bring every catalog up to date: new texts come in untranslated, unused ones leave."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        for language in INTERFACE_LANGUAGES:
            if language == "en":
                continue
            words = ["-i", str(template), "-d", str(FOLDER), "-l", language]
            if catalog(language).exists():
                pybabel("update", "--no-fuzzy-matching", "--ignore-obsolete", *words)
            else:
                pybabel("init", *words)


def faults() -> list[str]:
    """Everything wrong with the catalogs, one sentence each."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract(template)
        wanted = {_key(entry) for entry in polib.pofile(str(template))}
    found = []
    for language in INTERFACE_LANGUAGES:
        if language != "en":
            found += _faults_of(language, wanted)
    return found


def _faults_of(language: str, wanted: set[Key]) -> list[str]:
    if not catalog(language).exists():
        return [f"{language}: no catalog; run python -m tests.catalogs --update"]
    entries = [entry for entry in polib.pofile(str(catalog(language))) if not entry.obsolete]
    have = {_key(entry) for entry in entries}
    found = [
        f"{language}: not taken over yet: {key[1]!r}" for key in sorted(wanted - have, key=str)
    ]
    found += [f"{language}: no longer used: {key[1]!r}" for key in sorted(have - wanted, key=str)]
    allowed = set(ALLOWED.read_text(encoding="utf-8").splitlines()) if ALLOWED.exists() else set()
    for entry in entries:
        found += [f"{language}: {fault}: {entry.msgid!r}" for fault in _entry_faults(entry)]
        if language not in COMPLETE_LANGUAGES:
            continue
        if "fuzzy" in entry.flags:
            found.append(f"{language}: fuzzy: {entry.msgid!r}")
        if not all(_translations(entry)):
            found.append(f"{language}: not translated: {entry.msgid!r}")
        elif entry.msgid in _translations(entry) and f"{language}: {entry.msgid}" not in allowed:
            found.append(f"{language}: the same as in English: {entry.msgid!r}")
    return found


def _entry_faults(entry: polib.POEntry) -> list[str]:
    sources = [entry.msgid] + ([entry.msgid_plural] if entry.msgid_plural else [])
    allowed = set().union(*(set(_placeholders(source)) for source in sources))
    needed = set(_placeholders(entry.msgid_plural or entry.msgid))
    found = []
    for text in filter(None, _translations(entry)):
        has = set(_placeholders(text))
        # A form for one or two may say the number in a word.
        missing = needed - has - ({"%(num)d", "%(num)s"} if entry.msgid_plural else set())
        if has - allowed or (missing and not entry.msgid_plural):
            found.append(f"placeholders differ in {text!r}")
    return found


def _placeholders(text: str) -> list[str]:
    return [match.group(0) for match in PLACEHOLDER.finditer(text.replace("%%", ""))]


def _translations(entry: polib.POEntry) -> list[str]:
    if entry.msgid_plural:
        return list(entry.msgstr_plural.values()) or [""]
    return [entry.msgstr]


def _key(entry: polib.POEntry) -> Key:
    return (entry.msgctxt, entry.msgid)


def main() -> int:
    if "--update" in sys.argv:
        update()
    found = faults()
    for fault in found:
        print(fault)
    print(f"{len(found)} faults in the catalogs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
