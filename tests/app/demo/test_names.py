"""The demonstration names nobody who exists, and looks like the United Nations in its geography."""

import json
import re
import unicodedata
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from babel import Locale

import app.membership
from app.demo.names import (
    LANGUAGES,
    InventedState,
    load_invented_states,
    load_people,
    mechanism_title,
)

LATIN = ("en", "fr", "es", "pt")
SCRIPTS = {
    "en": r"[A-Z][a-z]+",
    "fr": r"[A-Z][a-zé]+",
    "es": r"[A-Z][a-z]+",
    "pt": r"[A-Z][a-záâéíóú]+",
    "ar": r"[\u0621-\u063a\u0641-\u064a]+",
    "ru": r"[А-Я][а-я]+",
    "zh": r"[\u4e00-\u9fff]{3,5}",
}
# Capitals and well-known cities, beside those that name a time zone or their own country.
CITIES = set(
    re.findall(
        r"\w+",
        """
        Abuja Aleppo Alexandria Amritsar Ankara Antwerp Arusha Asmara Astana Auckland Bamenda
        Banjul Barcelona Basra Bengaluru Benghazi Bergen Berne Bilbao Bologna Bordeaux Brasilia
        Brazzaville Bridgetown Bucharest Busan Canberra Cartagena Castries Cebu Chennai
        Chongqing Cologne Conakry Cordoba Cotonou Curitiba Dalian Delhi Dodoma Donetsk Dresden
        Durban Edinburgh Florence Fortaleza Freetown Fukuoka Funafuti Gaborone Geneva Genoa
        Georgetown Gitega Glasgow Grenada Guadalajara Guangzhou Guayaquil Hamburg Hanoi Havana
        Homs Honiara Houston Hyderabad Isfahan Islamabad Jaipur Kanpur Karachi Kathmandu Kharkiv
        Kigali Kinshasa Kobe Krakow Kumasi Kyoto Lahore Leipzig Lilongwe Ljubljana Lyon Makassar
        Malabo Malaga Managua Mandalay Marrakech Marseille Maseru Mashhad Mbabane Medellin
        Medina Melbourne Milan Mombasa Monterrey Montevideo Mosul Multan Mumbai Munich Nagoya
        Nairobi Nanjing Naples Naypyidaw Ndjamena Niamey Nicosia Nouakchott Odesa Osaka Oxford
        Palermo Palikir Phuket Podgorica Porto Poznan Pretoria Pristina Pune Rawalpindi Recife
        Reykjavik Riyadh Rosario Rotterdam Salvador Santander Santiago Sapporo Seattle Seville
        Shiraz Skopje Sousse Strasbourg Surat Tabriz Tallinn Tangier Tashkent Tehran Tarawa
        Thimphu Tirana Toulouse Tunis Turin Ulaanbaatar Utrecht Valencia Valletta Valparaiso
        Varanasi Venice Verona Vientiane Vilnius Windhoek Wuhan Yamoussoukro Yangon Yaren
        Yaounde Yerevan Zagreb Zaragoza
        """,
    )
)


def test_there_are_193_numbered_in_alphabetical_order() -> None:
    states = load_invented_states()
    assert [state.index for state in states] == list(range(1, 194))
    assert [state.name("en") for state in states] == sorted(state.name("en") for state in states)
    assert (states[0].code, states[-1].code) == ("001", "193")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_differ_in_every_language(lang: str) -> None:
    names = [fold(state.name(lang)) for state in load_invented_states()]
    assert len(set(names)) == 193
    minimum = 2 if lang in ("ar", "zh") else 3
    close = [pair for pair in combinations(names, 2) if near(*pair, limit=minimum - 1)]
    assert close == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_are_written_in_the_script_of_the_language(lang: str) -> None:
    names = [state.name(lang) for state in load_invented_states()]
    wrong = [name for name in names if not re.fullmatch(SCRIPTS[lang], name)]
    assert wrong == []


@pytest.mark.parametrize("lang", LATIN)
def test_no_name_can_be_taken_for_a_real_place(lang: str) -> None:
    places = real_places()
    assert {"mali", "perou", "brasil", "nairobi", "geneva"} <= places
    confusable = [
        (name, place)
        for name in (fold(state.name(lang)) for state in load_invented_states())
        for place in places
        if near(name, place, limit=2) or name in place or (len(place) > 3 and place in name)
    ]
    assert confusable == []


@pytest.mark.parametrize("lang", ["ar", "ru", "zh"])
def test_no_name_in_another_script_holds_a_real_name(lang: str) -> None:
    shortest = 2 if lang == "zh" else 4
    # Numbered territories are regions: the Chinese for Western Asia also ends many State names.
    territories = Locale(lang).territories.items()
    places = {fold(name) for code, name in territories if code.isalpha()}
    places |= {fold(names[lang]) for names in real_names()}
    assert len(places) > 250
    confusable = [
        (name, place)
        for name in (fold(state.name(lang)) for state in load_invented_states())
        for place in places
        if name in place or (len(place) >= shortest and place in name)
    ]
    assert confusable == []


def test_each_regional_group_has_as_many_states_as_in_the_united_nations() -> None:
    groups = Counter(state.regional_group for state in load_invented_states())
    assert groups == {
        "african": 54,
        "asia_pacific": 54,
        "eastern_european": 23,
        "grulac": 33,
        "weog": 29,
    }


def test_geography_is_that_of_the_member_states_row_by_row() -> None:
    members = [row for row in real_rows() if row["un_status"] == "member_state"]
    kept = ("regional_group", "region", "subregion", "zone", "sids", "ldc", "lldc")
    lists = ("languages", "prefill_languages", "sub_networks")
    assert Counter(
        tuple(getattr(state, key) for key in (*kept, *lists)) for state in load_invented_states()
    ) == Counter(
        (*(row[key] for key in kept), *(tuple(row[key]) for key in lists)) for row in members
    )


def test_places_and_zones_exist() -> None:
    for state in load_invented_states():
        assert -90 <= state.lat <= 90
        assert -180 <= state.lon <= 180
        assert ZoneInfo(state.zone).key == state.zone


def test_no_place_is_the_place_of_a_real_state() -> None:
    real = {(round(row["lat"], 1), round(row["lon"], 1)) for row in real_rows() if row["lat"]}
    invented = {(round(state.lat, 1), round(state.lon, 1)) for state in load_invented_states()}
    assert len(invented) == 193
    assert invented & real == set()


def test_a_record_has_no_field_for_a_real_identity() -> None:
    assert set(InventedState.__dataclass_fields__) == {
        "index",
        "names",
        "regional_group",
        "region",
        "subregion",
        "languages",
        "prefill_languages",
        "zone",
        "lat",
        "lon",
        "sids",
        "ldc",
        "lldc",
        "sub_networks",
    }


def test_people_have_400_different_names_in_latin_script() -> None:
    names = [person.full_name for person in load_people()]
    assert (len(names), len(set(names))) == (400, 400)
    letters = [letter for name in names for letter in name if letter not in " '"]
    assert {unicodedata.name(letter).split()[0] for letter in letters} == {"LATIN"}
    assert max(Counter(person.family for person in load_people()).values()) <= 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_mechanism_has_a_title_of_its_own(lang: str) -> None:
    titles = [mechanism_title(s.index, lang, s.name(lang)) for s in load_invented_states()]
    assert len(set(titles)) == 193
    assert [title for title in titles if "{" in title] == []
    kinds = {mechanism_title(index, lang, "") for index in range(1, 194)}
    assert len(kinds) == 8


def test_titles_of_one_index_translate_each_other() -> None:
    assert mechanism_title(6, "en", "Balunoda") == "Human Rights Coordination Office of Balunoda"
    assert mechanism_title(6, "zh", "巴卢诺达") == "巴卢诺达人权协调办公室"
    assert mechanism_title(14, "fr", "Balounoda") == (
        "Bureau de coordination des droits de l'homme de Balounoda"
    )


def fold(name: str) -> str:
    """Letters only, without case, accents or spaces: what a hurried reader sees."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in decomposed if char.isalnum())


def near(one: str, other: str, *, limit: int) -> bool:
    """Whether at most `limit` insertions, deletions or substitutions turn one into the other."""
    if abs(len(one) - len(other)) > limit:
        return False
    previous = list(range(len(other) + 1))
    for row, left in enumerate(one, 1):
        current = [row]
        for column, right in enumerate(other, 1):
            current.append(
                min(
                    previous[column] + 1,
                    current[-1] + 1,
                    previous[column - 1] + (left != right),
                )
            )
        if min(current) > limit:
            return False
        previous = current
    return previous[-1] <= limit


@cache
def real_places() -> frozenset[str]:
    names = CITIES | {zone.rsplit("/", 1)[-1].replace("_", " ") for zone in available_timezones()}
    for lang in LATIN:
        names |= set(Locale(lang).territories.values())
        names |= {row[lang] for row in real_names()}
    return frozenset(place for place in map(fold, names) if len(place) > 2)


def real_names() -> list[dict[str, str]]:
    return [row["names"] for row in real_rows()]


@cache
def real_rows() -> list[dict[str, Any]]:
    folder = Path(app.membership.__file__).parent
    text = (folder / "data" / "states.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows
