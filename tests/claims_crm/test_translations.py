import ast
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from claims_crm.management.commands import messages


def test_every_text_is_translated():
    """Fails with a list: `make messages` brings new texts into locale/, where they are translated."""
    call_command("messages", check=True)


def test_no_text_stands_inside_an_f_string():
    """There it is not found, and stays in English."""
    hidden = []
    ours = [Path(app.path) for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR]
    for path in (path for folder in ours for path in folder.rglob("*.py")):
        strings = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.JoinedStr))
        calls = (call for string in strings for call in ast.walk(string) if isinstance(call, ast.Call))
        hidden += [
            f"{path}:{call.lineno}" for call in calls if getattr(call.func, "id", "") in {"_", "gettext", "ngettext"}
        ]
    assert hidden == []


def test_texts_are_taken_from_code_and_templates(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "apps.py").write_text('_("From code")\nngettext("%d claim", "%d claims", 2)')
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        "<ul>\n    <li>it's {% translate 'From a template' %}\n"
        "  {% blocktranslate count n=n trimmed %}\n  {{ n }} part\n  {% plural %}\n  {{ n }} parts\n"
        "  {% endblocktranslate %}</li>\n</ul>"
    )

    found = messages.collect(tmp_path)

    assert [message.id for message in found if message.id] == [
        "From code",
        ("%d claim", "%d claims"),
        "From a template",
        ("%(n)s part", "%(n)s parts"),
    ]


def test_faults_of_the_catalogue_are_named():
    found, catalog = messages.Catalog(locale="ru"), messages.Catalog(locale="ru")
    for text in ("new", "empty", "lost %(name)s", "good {claim}"):
        found.add(text)
    catalog.add("empty", "")
    catalog.add("lost %(name)s", "потеряно")
    catalog.add("good {claim}", "хорошо {claim}")
    catalog.add("dead", "мёртвое")

    assert list(messages.find_faults(catalog, found)) == [
        "not in the catalogue: 'new'",
        "not translated: 'empty'",
        "placeholders differ: 'lost %(name)s'",
        "no longer used: 'dead'",
    ]


def test_merging_keeps_translations_and_drops_what_is_dead():
    found, catalog = messages.Catalog(locale="ru"), messages.Catalog(locale="ru")
    found.add("kept")
    found.add("new")
    catalog.add("kept", "осталось")
    catalog.add("dead", "мёртвое")

    merged = messages.merge(catalog, found)

    assert {message.id: message.string for message in merged if message.id} == {"kept": "осталось", "new": ""}


def test_russian_is_what_a_browser_that_does_not_say_gets():
    assert settings.LANGUAGE_CODE == "ru"
