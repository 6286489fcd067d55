import datetime

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from index.dates import first_date

LANGUAGES = ["en", "en_GB", "de", "fr", "es", "it", "pl", "pt", "nl", "ru", "uk", "cs", "sv", "ro"]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Feb 16, 2022", "2022-02-16"),
        ("Published Wednesday 16th February 2022 at 9.40", "2022-02-16"),
        ("16.02.2022", "2022-02-16"),
        ("16. 2. 2022", "2022-02-16"),
        ("26/05/2018", "2018-05-26"),
        ("05/26/2018", "2018-05-26"),
        ("2022-02-16T10:00:00Z", "2022-02-16"),
        ("2022年2月16日", "2022-02-16"),
        ("16 lutego 2022", "2022-02-16"),
        ("le 1er mars 2021", "2021-03-01"),
        ("16 de fevereiro de 2022", "2022-02-16"),
        ("Sept. 30, 2019", "2019-09-30"),
        ("MAY 2021 | ISSUE 4", "2021-05"),
        ("First published 6 June 2023; revised 20 June 2023", "2023-06-06"),
        ("No. 61 — August 2024", "2024-08"),
        ("03/04/2021", "2021"),
        ("04/04/2021", "2021-04-04"),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, iso: str) -> None:
    date = first_date(text)
    assert date is not None
    assert date.iso == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1902 - Three missionaries",
        "2023/24",
        "May 3, 1932 – January 11, 2024",
        "11 May 1940 - 30 August 2022",
        "14–15 September 1987",
        "June – August 2024",
        "Maybe 12 people in 2021",
        "12 monkeys 2021",
        "31.02.20222",
        "16.02.0022",
        "Version 10.11.12",
    ],
)
def test_what_is_no_date_or_a_range_gives_none(text: str) -> None:
    assert first_date(text) is None


@given(
    st.dates(datetime.date(1900, 1, 1), datetime.date(2090, 12, 31)),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["long", "full"]),
)
def test_the_forms_of_the_unicode_locales_are_read(
    date: datetime.date, language: str, form: str
) -> None:
    found = first_date("| " + format_date(date, form, locale=language))
    assert found is not None
    assert found.iso == date.isoformat()


@given(st.text(st.characters(codec="utf-8")), st.dates(datetime.date(1800, 1, 1)))
def test_a_date_found_stands_where_it_says(text: str, date: datetime.date) -> None:
    written = f"{text} {date.isoformat()}"
    found = first_date(written)
    if found:
        assert written[found.start : found.end].strip() == written[found.start : found.end]
        assert found.iso[:4] in written[found.start : found.end]
