from django.core.files.uploadedfile import SimpleUploadedFile


def a_file(name: str = "Акт.pdf", content: bytes = b"%PDF-1.7", content_type: str = "application/pdf"):
    return SimpleUploadedFile(name, content, content_type)
