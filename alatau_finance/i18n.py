"""Three languages: catalogues of texts, and numbers written as each language writes them.

The catalogues are plain .po files read at run time; there is nothing to compile. A text missing from a catalogue
is shown in English.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, get_args

Language = Literal["en", "ru", "kk"]
Translator = Callable[[str], str]

LANGUAGES: tuple[Language, ...] = get_args(Language)
CATALOGUES = Path(__file__).parent / "locale"
# What Windows calls them where others say "ru" and "kk".
_LONG_NAMES: Mapping[str, Language] = MappingProxyType({"russian": "ru", "kazakh": "kk"})


class Message(str):
    """A text that reads as English anywhere and can still be translated where it is shown.

    Raise errors with one: whoever raises need not know the reader's language.
    """

    __slots__ = ("msgid", "values")

    msgid: str
    values: Mapping[str, object]

    def translated(self, translate: Translator) -> str:
        """The text in the language of ``translate``, its parts included."""
        return translate(self.msgid).format(**{name: spoken(value, translate) for name, value in self.values.items()})


def message(msgid: str, **values: object) -> Message:
    """``msgid`` of the catalogues, its ``{name}`` fields filled with ``values``."""
    text = Message(msgid.format(**values))
    text.msgid = msgid
    text.values = MappingProxyType(values)
    return text


def spoken(value: object, translate: Translator) -> object:
    """``value``, translated where it is a message or an error raised with one."""
    if isinstance(value, Exception) and len(value.args) == 1:
        value = value.args[0]
    return value.translated(translate) if isinstance(value, Message) else value


def translator(language: Language) -> Translator:
    """The function from an English text to that language's; the English one where the catalogue has none."""
    texts = catalogue(language)
    return lambda text: texts.get(text, text)


def chosen(texts: Mapping[str, str] | None, language: Language) -> str:
    """The text in that language, else in English, else in whichever there is; "" without any."""
    known = texts or {}
    return known.get(language) or known.get("en") or next(iter(known.values()), "")


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: Language) -> Mapping[str, str]:
    """Every translated text of a language by its English one. English has no catalogue."""
    if language == "en":
        return MappingProxyType({})
    from babel.messages.pofile import read_po

    with catalogue_path(language).open("rb") as file:
        entries = read_po(file, locale=language)
    return MappingProxyType({str(entry.id): str(entry.string) for entry in entries if entry.id and entry.string})


def catalogue_path(language: Language) -> Path:
    """Where the catalogue of that language lies."""
    return CATALOGUES / language / "LC_MESSAGES" / "alatau.po"


def default_language(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of ALATAU_LANG, else of the machine's locale, else English."""
    settings = [environment.get(name, "") for name in ("ALATAU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((setting for setting in settings if setting), None) or locale.getlocale()[0] or ""
    language = name.lower().replace("-", "_").partition("_")[0].partition(".")[0]
    language = _LONG_NAMES.get(language, language)
    return language if language in LANGUAGES else "en"


def number(value: float, language: Language, decimals: int | None = None) -> str:
    """``value`` as the language writes it: 1,234.5 or, with a no-break space, 1 234,5.

    ``decimals`` fixes how many follow the point; without it, at most three do. What is rounded to 0 has no sign.
    """
    from babel.numbers import format_decimal

    value = value if round(value, 3 if decimals is None else decimals) else 0.0
    return format_decimal(value, format=None if decimals is None else _pattern(decimals), locale=language)


def percent(value: float, language: Language, decimals: int = 1) -> str:
    """The share ``value`` (0.125) as the language writes it: 12.5% or, with a no-break space, 12,5 %."""
    from babel import Locale
    from babel.numbers import format_percent

    value = value if round(value, decimals + 2) else 0.0
    sign = Locale.parse(language).percent_formats[None].suffix[0]  # its space differs by language
    return format_percent(value, format=_pattern(decimals) + sign, locale=language)


def unit_name(unit: str, translate: Translator) -> str:
    """What a reader calls a unit of the assumptions; the unit itself where it has no other name."""
    _ = translate
    names = {
        "tn KZT": _("tn KZT"),
        "bn KZT": _("bn KZT"),
        "mn KZT": _("mn KZT"),
        "mn USD": _("mn USD"),
        "bn USD": _("bn USD"),
        "project": _("projects"),
        "person": _("people"),
        "year": _("years"),
        "1/year": _("per year"),
        "1/year**0.5": _("per year^0.5"),
        "1/year**1.5": _("per year^1.5"),
        "1/project": _("per project"),
        "bn KZT/year": _("bn KZT per year"),
        "bn KZT_real": _("bn KZT of the base date"),
        "bn USD_real": _("bn USD of the base date"),
        "bn KZT_real/person/year": _("bn KZT of the base date per person and year"),
        "bn KZT/m2/year": _("bn KZT per m² and year"),
        "KZT/USD": _("tenge per dollar"),
        "KZT/KZT_real": _("KZT per base KZT"),
        "bn KZT/project": _("bn KZT per project"),
        "bn KZT/km": _("bn KZT per km"),
        "bn KZT/MW": _("bn KZT per MW"),
        "mn KZT*day/m3": _("mn KZT per m³ a day"),
        "mn KZT_real/person/year": _("mn KZT of the base date per person and year"),
        "mn KZT/person": _("mn KZT per person"),
        "tn KZT/year": _("tn KZT per year"),
        "KZT": _("KZT"),
        "KZT/m2/year": _("KZT per m² and year"),
        "%/year": _("% per year"),
        "%/year**0.5": _("% per year^0.5"),
        "%/year**1.5": _("% per year^1.5"),
        "%/month": _("% per month"),
        "%/day": _("% per day"),
        "person/project": _("people per project"),
        "month": _("months"),
        "day": _("days"),
        "MW": _("MW"),
        "km": _("km"),
        "m3/day": _("m³ a day"),
        "m2": _("m²"),
    }
    return names.get(unit, unit)


def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")
