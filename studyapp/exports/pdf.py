"""Print a page as PDF with WeasyPrint, which is an optional extra."""

import logging
from typing import Any, NoReturn

from studyapp.errors import EarwitnessError

NO_PACKAGE = "no PDF: WeasyPrint is not installed. Install it with: pip install -r requirements-pdf.txt"
NO_PANGO = (
    "no PDF: WeasyPrint is installed, but the library Pango that it draws text with is not. "
    "Install it (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0)."
)


class PdfUnavailable(EarwitnessError):
    """This machine cannot make a PDF; the message says what is missing."""


def require_weasyprint() -> Any:
    """Return the module weasyprint. Raises PdfUnavailable, which says what to install."""
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of each CSS property that paper has no use for
    try:
        import weasyprint  # slow to import, and only needed here
    except ImportError:
        raise PdfUnavailable(NO_PACKAGE) from None
    except OSError:  # it opens the shared libraries when it is imported
        raise PdfUnavailable(NO_PANGO) from None
    return weasyprint


def pdf_bytes(page: str, *, identifier: bytes) -> bytes:
    """Return the page as PDF: the same bytes for the same page, fonts and versions, since nothing in it is of the hour.

    identifier: of the document, in place of a random one. Raises PdfUnavailable.
    """
    weasyprint = require_weasyprint()
    document = weasyprint.HTML(string=page, url_fetcher=_refuse)
    content: bytes = document.write_pdf(pdf_identifier=identifier, pdf_tags=True)
    return content


def _refuse(url: str, *_args: Any, **_more: Any) -> NoReturn:
    raise ValueError(f"a report loads nothing from outside: {url}")
