"""Catalogues are complete, fields survive translation, and numbers are written as each language writes them."""

from __future__ import annotations

import string
import unicodedata
from pathlib import Path

import pytest

from alatau_finance.errors import UsageError
from alatau_finance.i18n import (
    LANGUAGES,
    Language,
    catalogue,
    chosen,
    default_language,
    message,
    number,
    percent,
    spoken,
    translator,
)
from tools.messages import TRANSLATED, calls, read, texts, untranslated, updated

PACKAGE = Path(__file__).parents[1] / "alatau_finance"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_has_a_translation(language: Language) -> None:
    known = catalogue(language)
    missing = sorted({f"{file}: {text}" for text, file in texts() if text not in known})
    assert not missing, "run `make messages` and translate what it lists"


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_holds_nothing_else(language: Language) -> None:
    before = {entry.id for entry in read(language) if entry.id}
    after = updated(read(language))
    assert before == {entry.id for entry in after if entry.id}, "run `make messages`"
    assert untranslated(after) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_fields_of_its_text(language: Language) -> None:
    for text, translation in catalogue(language).items():
        assert _fields(text) == _fields(translation), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_is_in_cyrillic(language: Language) -> None:
    for text, translation in catalogue(language).items():
        assert translation != text or not any(map(str.islower, text)), text
        for word in translation.split():
            # A Latin "i" looks like the Kazakh one and sorts, searches and speaks as another letter.
            scripts = {unicodedata.name(letter).split()[0] for letter in word if letter.isalpha()}
            joined_on_purpose = any(mark in word for mark in "-_/`.{}(")
            assert len(scripts) <= 1 or joined_on_purpose, f"{word!r} in {translation!r} mixes alphabets"


def test_every_message_is_written_where_it_is_said() -> None:
    """`make messages` reads the code: a text that comes from elsewhere would never be translated."""
    hidden = [
        f"{path.relative_to(PACKAGE)}:{call.line}"
        for path in PACKAGE.rglob("*.py")
        for call in calls(path)
        if call.keyword == "message" and not call.texts
    ]
    assert hidden == []


def _fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def test_a_text_without_translation_is_shown_in_english() -> None:
    for language in LANGUAGES:
        assert translator(language)("no such text") == "no such text"


def test_a_message_reads_as_english_and_can_be_translated() -> None:
    text = message("{folder} is not empty; name a new or an empty folder", folder="here")
    assert text == "here is not empty; name a new or an empty folder"
    in_russian = text.translated(translator("ru"))
    assert in_russian.startswith("here")
    assert in_russian != text
    assert spoken(UsageError(text), translator("ru")) == in_russian
    assert spoken(UsageError("plain"), translator("ru")) == "plain"


def test_a_message_in_a_message_is_translated_too() -> None:
    outer = message("outer {inner}", inner=message("inner {value}", value=1))
    assert outer == "outer inner 1"
    german = {"outer {inner}": "außen {inner}", "inner {value}": "innen {value}"}
    assert outer.translated(german.__getitem__) == "außen innen 1"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "kk_KZ.UTF-8"}, "kk"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ru_RU.UTF-8", "ALATAU_LANG": "kk"}, "kk"),
        ({"LANG": "Kazakh_Kazakhstan.1251"}, "kk"),
        ({"LANG": "Russian_Kazakhstan"}, "ru"),
    ],
)
def test_default_language(environment: dict[str, str], language: str) -> None:
    assert default_language(environment) == language


def test_numbers() -> None:
    assert number(10400.5, "en") == "10,400.5"
    assert number(10400.5, "ru") == f"10{NO_BREAK_SPACE}400,5"
    assert number(10400.5, "kk", decimals=2) == f"10{NO_BREAK_SPACE}400,50"
    assert number(-1234567, "ru", decimals=0) == f"-1{NO_BREAK_SPACE}234{NO_BREAK_SPACE}567"


def test_percents() -> None:
    assert percent(0.125, "en") == "12.5%"
    assert percent(0.125, "ru") == f"12,5{NO_BREAK_SPACE}%"
    assert percent(0.125, "kk", decimals=0) == "12%"


@pytest.mark.parametrize("value", [-1e-17, -0.0, -0.0004])
def test_what_is_rounded_to_nothing_has_no_sign(value: float) -> None:
    assert number(value, "en") == "0"
    assert number(value, "ru", decimals=3) == "0,000"
    assert percent(value, "en") == "0.0%"
    assert number(-0.0006, "en", decimals=3) == "-0.001"
    assert percent(-0.0006, "en") == "-0.1%"


def test_a_text_of_the_files_is_chosen_by_language() -> None:
    texts = {"en": "road", "kk": "жол"}
    assert [chosen(texts, language) for language in LANGUAGES] == ["road", "road", "жол"]
    assert chosen({"ru": "дорога"}, "kk") == "дорога"
    assert chosen({}, "ru") == chosen(None, "ru") == ""


def test_texts_are_found_in_the_call_and_in_a_variable_of_the_function(tmp_path: Path) -> None:
    file = tmp_path / "said.py"
    file.write_text(
        """
def told(found):
    text = "in a variable"
    other = "of no call"
    message(text, found=found)
    _("in " "the call")
    _("one" if found else "other")
    _(found.label)
def elsewhere(text):
    message(text)
"""
    )
    assert {(call.keyword, call.texts) for call in calls(file)} == {
        ("message", frozenset({"in a variable"})),
        ("_", frozenset({"in the call"})),
        ("_", frozenset({"one", "other"})),
        ("_", frozenset()),
        ("message", frozenset()),
    }
