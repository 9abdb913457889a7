from tests.support.month import DOCS, parts, stamp


def test_the_digest_in_the_documents_is_what_the_code_makes():
    subject, text, html = parts()
    assert (DOCS / "digest.txt").read_text(encoding="utf-8") == f"Subject: {subject}\n\n{text}"
    assert (DOCS / "digest.html").read_text(encoding="utf-8") == html


def test_its_picture_is_of_that_page_and_not_large():
    picture = (DOCS / "digest.png").read_bytes()
    assert stamp((DOCS / "digest.html").read_text(encoding="utf-8")) in picture
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 200_000
