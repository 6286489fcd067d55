"""Which language a paragraph is taken for."""

import pytest

from index.languages import language

LANGUAGES = {
    "en": "The committee has not yet reported on what it was asked to do in the spring.",
    "de": "Der Ausschuss hat noch nicht über das berichtet, was ihm im Frühjahr aufgetragen wurde.",
    "fr": "La commission n’a pas encore rendu son rapport sur ce que le conseil lui a demandé.",
    "es": "La comisión no ha presentado su informe sobre lo que se le pidió en la primavera.",
    "it": "La commissione non ha ancora presentato il rapporto che le era stato chiesto nel marzo.",
    "nl": "De commissie heeft nog niet verteld wat zij van het onderzoek vindt dat is gedaan.",
    "pl": "Komisja nie złożyła jeszcze sprawozdania, o które ją poproszono, a to jest ważne.",
    "da": "Udvalget har endnu ikke svaret på det, som det blev bedt om i det forår, og er galt.",
    "sk": "Komisia ešte nepodala správu o tom, čo sa na jar stalo, ale to je dôležité.",
    "ru": "Комиссия ещё не отчиталась о том, что ей поручили весной.",
    "el": "Η επιτροπή δεν έχει ακόμη υποβάλει την έκθεσή της.",
    "ar": "لم تقدم اللجنة تقريرها بعد عما طلب منها في الربيع.",
    "hi": "समिति ने अभी तक अपनी रिपोर्ट नहीं दी है।",
    "ja": "委員会はまだ春に頼まれたことについて報告していない。",
    "zh": "委员会尚未就春天交办的事项提出报告。",
}


@pytest.mark.parametrize(("code", "text"), LANGUAGES.items())
def test_language(code: str, text: str) -> None:
    assert language(text) == code


@pytest.mark.parametrize("text", ["", "?!", "Oslo", "12.5 %", "서울은 크다.", "Bilmayman", "des"])
def test_in_doubt_it_is_english(text: str) -> None:
    assert language(text) == "en"


def test_a_foreign_word_or_name_changes_nothing() -> None:
    assert language("The word 字 is in the book of the man who was in Москва for a year.") == "en"
