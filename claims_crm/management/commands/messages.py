import io
import os
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils.translation.template import templatize

CATALOG = Path("locale/ru/LC_MESSAGES/django.po")

# Function: where its texts are among the arguments ("c" marks the context).
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr]|\{\w*\}")


class Command(BaseCommand):
    help = "Take the texts of code and templates into the Russian catalogue, and compile it."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument("--check", action="store_true", help="change nothing; fail where a translation is wanting")
        action.add_argument("--compile", action="store_true", help="only compile what is there")

    def handle(self, *args: Any, check: bool = False, compile: bool = False, **options: Any) -> None:
        path = settings.BASE_DIR / CATALOG
        catalog = read(path)
        if check:
            if faults := list(find_faults(catalog, collect(settings.BASE_DIR))):
                raise CommandError("\n".join(faults))
            return
        if not compile:
            catalog = merge(catalog, collect(settings.BASE_DIR))
            write(path, catalog)
            wanting = sum(not is_complete(message) for message in catalog if message.id)
            self.stdout.write(f"{len(catalog)} texts, {wanting} to be translated in {CATALOG}")
        compile_catalog(path, catalog)


def collect(root: Path) -> Catalog:
    """Return every text of the product that is to be translated."""
    found = Catalog(locale="ru", charset="utf-8")
    for source in sources(root):
        for _line, text, _comments, context in extract("python", source, keywords=KEYWORDS):
            found.add(text, context=context)
    return found


def sources(root: Path) -> Iterator[io.BytesIO]:
    """Yield each module, and each template as the module that Django would make of it."""
    for app in sorted(path.parent for path in root.glob("*/apps.py")):
        for module in sorted(app.rglob("*.py")):
            if "migrations" not in module.parts:
                yield io.BytesIO(module.read_bytes())
    for folder in [root / "templates", *root.glob("*/templates")]:
        for template in sorted(path for path in folder.rglob("*") if path.suffix in {".html", ".txt"}):
            code = templatize(template.read_text(encoding="utf-8"), origin=str(template))
            # Its texts never span lines, so the indentation of the HTML can go: Python would read it.
            yield io.BytesIO("\n".join(line.strip() for line in code.splitlines()).encode())


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="ru", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="ru", abort_invalid=True)


def merge(old: Catalog, found: Catalog) -> Catalog:
    """Return the texts found with the translations they had. What is no longer used is dropped."""
    merged = Catalog(
        locale="ru",
        project="Rigel",
        version="1.0",
        msgid_bugs_address="",
        charset="utf-8",
        header_comment="# Russian texts of Rigel. `make messages` keeps this file in step with the code.",
        creation_date=old.creation_date,
        revision_date=old.creation_date,
        last_translator="Rigel authors",
        language_team="Russian",
        fuzzy=False,
    )
    for message in found:
        if message.id:
            before = old.get(message.id, message.context)
            merged.add(message.id, before.string if before else "", context=message.context)
    return merged


def write(path: Path, catalog: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=0, sort_output=True, no_location=True, omit_header=False)
    replace(path, buffer)


def compile_catalog(path: Path, catalog: Catalog) -> None:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    replace(path.with_suffix(".mo"), buffer)


def replace(path: Path, content: io.BytesIO) -> None:
    """Write the file in one step, as others may be reading it."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content.getvalue())
    new.replace(path)


def find_faults(catalog: Catalog, found: Catalog) -> Iterator[str]:
    for message in found:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"not in the catalogue: {name(message)}"
    for message in catalog:
        if not message.id:
            continue
        if found.get(message.id, message.context) is None:
            yield f"no longer used: {name(message)}"
        elif message.fuzzy:
            yield f"fuzzy: {name(message)}"
        elif not is_complete(message):
            yield f"not translated: {name(message)}"
        elif not keeps_placeholders(message):
            yield f"placeholders differ: {name(message)}"


def texts(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def name(message: Message) -> str:
    return repr(texts(message.id)[0])


def is_complete(message: Message) -> bool:
    return bool(message.string) and all(texts(message.string))


def keeps_placeholders(message: Message) -> bool:
    """Return whether a translation has the placeholders of its text; a plural form may leave the number out."""
    wanted = {placeholder for text in texts(message.id) for placeholder in PLACEHOLDER.findall(text)}
    forms = [set(PLACEHOLDER.findall(text)) for text in texts(message.string)]
    if message.pluralizable:
        return set().union(*forms) == wanted
    return forms == [wanted]
