"""An invoice on A4 or letter paper, set in the fonts that every PDF reader has."""

from collections.abc import Iterable
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph
from reportlab.platypus import SimpleDocTemplate
from reportlab.platypus import Spacer
from reportlab.platypus import Table

from fakestripe_meters.pages.paper import Paper
from fakestripe_meters.pages.paper import Row

MARGIN = 18 * mm
INK, SOFT, LINE = colors.HexColor("#1b2421"), colors.HexColor("#5a6661"), colors.HexColor("#dedacf")
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, textColor=INK)
SMALL = ParagraphStyle("small", BODY, fontSize=8, leading=11, textColor=SOFT)
FREE = ParagraphStyle("free", SMALL, leftIndent=-6)
"""Outside of tables, whose cells begin at the margin."""
RIGHT = ParagraphStyle("right", BODY, alignment=TA_RIGHT)
BOLD = ParagraphStyle("bold", RIGHT, fontName="Helvetica-Bold")
HEAD = ParagraphStyle("head", SMALL, fontName="Helvetica-Bold")
TITLE = ParagraphStyle("title", BODY, fontName="Helvetica-Bold", fontSize=18, leading=22)
FAKE = "fakestripe-meters: a fake, no money moves"
SUBSTITUTED = (
    "The fonts of this PDF have the letters of Western Europe: a black square stands for each other letter. The page "
    "of the invoice has them all."
)
LONGEST, LONGEST_IN_COLUMN = 500, 120
"""A row of a table must fit on a page: longer texts are cut."""


def pdf(paper: Paper, size: str | None) -> bytes:
    """Return an invoice as a PDF, which is the same each time. `size` is `letter` or any other paper."""
    made = BytesIO()
    page = LETTER if size == "letter" else A4
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    document = SimpleDocTemplate(made, pagesize=page, title=paper.title, author=paper.seller, invariant=1, **margins)
    document.build(list(_parts(paper, page[0] - 2 * MARGIN)), onFirstPage=_mark, onLaterPages=_mark)
    return made.getvalue()


def _mark(canvas: Any, document: Any) -> None:  # noqa: ANN401  reportlab has no types
    """Say on each page that this is a fake, and which page it is."""
    canvas.setFont("Helvetica", 7.5)
    canvas.setFillColor(SOFT)
    canvas.drawString(MARGIN, MARGIN / 2, FAKE)
    canvas.drawRightString(document.pagesize[0] - MARGIN, MARGIN / 2, f"Page {document.page}")


def _parts(paper: Paper, width: float) -> Iterator[Any]:
    yield _grid(
        [[_text(paper.title, TITLE, LONGEST_IN_COLUMN), _text(paper.status.upper(), BOLD)]],
        (width * 0.75, width * 0.25),
    )
    yield Spacer(0, 5 * mm)
    dates = [_short(f"{row.label}: {row.value}") for row in paper.dates]
    columns = [[_text("From", HEAD), _short(paper.seller)], [_text("To", HEAD), *map(_short, paper.customer)], dates]
    yield _grid([columns], [width / 3] * 3)
    if paper.description:
        yield Spacer(0, 4 * mm)
        yield Paragraph(escape(paper.description), FREE)
    yield Spacer(0, 7 * mm)
    yield _lines(paper, width)
    yield _sums(paper, width)
    if paper.footer:
        yield Spacer(0, 8 * mm)
        yield Paragraph(escape(paper.footer), FREE)
    if not _has_letters(paper):
        yield Spacer(0, 8 * mm)
        yield Paragraph(SUBSTITUTED, FREE)


def _lines(paper: Paper, width: float) -> Table:
    head = [_text("What", HEAD), *(_text(each, ParagraphStyle("h", HEAD, alignment=TA_RIGHT)) for each in HEADS)]
    rows = [
        [
            [_text(line.description), _text(f"{line.period}, usage" if line.metered else line.period, SMALL)],
            _text(line.quantity, RIGHT),
            _text(line.each, RIGHT),
            _text(line.amount, RIGHT),
        ]
        for line in paper.lines
    ]
    rules = [("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE)]
    widths = [width * share for share in (0.52, 0.15, 0.15, 0.18)]
    return _grid([head, *rows], widths, [*rules, ("TOPPADDING", (0, 1), (-1, -1), 6)], repeats=1)


HEADS = ("How many", "Each", "Amount")


def _sums(paper: Paper, width: float) -> Table:
    strong = [Row("Total", paper.total), *paper.settled, Row("To pay", paper.due)]
    rows: Iterable[tuple[Row, ParagraphStyle]] = [
        *((row, RIGHT) for row in paper.sums),
        *((row, BOLD if row.label in ("Total", "To pay") else RIGHT) for row in strong),
    ]
    return _grid(
        [[_text(row.label, style), _text(row.value, style)] for row, style in rows], (width * 0.8, width * 0.2)
    )


def _grid(cells: Any, widths: Any, rules: Iterable[Any] = (), *, repeats: int = 0) -> Table:  # noqa: ANN401  as above
    base = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ]
    return Table(cells, colWidths=list(widths), style=[*base, *rules], repeatRows=repeats)


def _text(text: str, style: ParagraphStyle = BODY, longest: int = LONGEST) -> Paragraph:
    cut = text if len(text) <= longest else f"{text[:longest]}…"
    return Paragraph(escape(cut), style)


def _short(text: str) -> Paragraph:
    return _text(text, longest=LONGEST_IN_COLUMN)


def _has_letters(paper: Paper) -> bool:
    """Return whether the fonts have every letter of an invoice."""
    lines = [each for line in paper.lines for each in line[:-1]]
    rows = [each for row in (*paper.dates, *paper.sums) for each in row]
    text = "".join([paper.title, *paper.customer, paper.description, paper.footer, *lines, *rows])
    return len(text.encode("cp1252", "ignore").decode("cp1252")) == len(text)
