"""Files in the browser: dropped anywhere on their tab, looked at one after another from the keyboard."""

import base64

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import expect

from claims.services import attach

from ..factories import ClaimFactory, specialist

pytestmark = pytest.mark.django_db(transaction=True)

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"


@pytest.fixture
def claim():
    return ClaimFactory(specialist=specialist())


@pytest.fixture
def files(page, sign_in, claim):
    sign_in(claim.specialist)
    for name, content in (("акт.pdf", PAPER), ("записка.txt", "Позвонить".encode()), ("фото.png", DOT)):
        attach(claim, by=claim.specialist, file=ContentFile(content, name))
    page.goto(f"/claims/{claim.pk}/files/")
    return page


def test_arrows_lead_from_a_picture_to_a_text_to_a_pdf(files):
    files.get_by_role("link", name="фото.png").click()
    dialog = files.locator("#dialog")
    expect(dialog.get_by_role("img", name="фото.png")).to_have_js_property("naturalWidth", 1)
    arriving = dialog.locator(".htmx-added")
    expect(arriving).to_have_count(0)
    files.keyboard.press("ArrowRight")
    expect(dialog.locator("pre")).to_have_text("Позвонить")
    expect(arriving).to_have_count(0)
    files.keyboard.press("ArrowRight")
    expect(dialog.locator("iframe")).to_be_visible()
    expect(arriving).to_have_count(0)
    files.keyboard.press("ArrowLeft")
    expect(dialog.locator("pre")).to_be_visible()
    files.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_what_is_dropped_anywhere_on_the_tab_is_kept_and_what_cannot_be_is_named(files, claim):
    dropped = files.evaluate_handle(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(['%PDF'], 'договор.pdf'));
            files.items.add(new File(['%PDF'], 'смета.pdf'));
            files.items.add(new File([], 'пусто.pdf'));
            return files;
        }"""
    )
    files.locator("#files").dispatch_event("drop", {"dataTransfer": dropped})
    expect(files.get_by_role("link", name="договор.pdf")).to_be_visible()
    expect(files.get_by_role("link", name="смета.pdf")).to_be_visible()
    expect(files.get_by_text("пусто.pdf: пустой")).to_be_visible()
    assert claim.attachments.count() == 5
