"""Why an invoice comes to its total, as JSON."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from fakestripe_meters.control.usage_answers import InvoiceWhy
from fakestripe_meters.control.usage_answers import LineEvent
from fakestripe_meters.control.usage_answers import LineWhy
from fakestripe_meters.control.usage_answers import Step
from fakestripe_meters.control.usage_json import number
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.exact import EXACT
from fakestripe_meters.core.printing import masked
from fakestripe_meters.domain.records import invoices
from fakestripe_meters.domain.records.invoice_lines import InvoiceLine
from fakestripe_meters.domain.records.invoices import Invoice
from fakestripe_meters.explaining import arithmetic
from fakestripe_meters.explaining.invoices import ExplainedLine
from fakestripe_meters.explaining.invoices import InvoiceExplanation
from fakestripe_meters.explaining.invoices import explain_invoice


def explanation(account: Account, invoice_id: str, most: int | None = None) -> InvoiceWhy:
    """Return an invoice with the reason for each line, and at most so many of its events. Lock the account first."""
    found = explain_invoice(account, invoice_id)
    invoice = invoices.find(account, invoice_id)
    explained = zip(invoice.lines, found.lines, strict=True)
    return {
        "invoice": found.id,
        "status": found.status,
        "currency": found.currency,
        "subtotal": invoice.subtotal,
        "total": found.total,
        "amount_due": found.amount_due,
        "lines": [_line(account, invoice, line, each, most) for line, each in explained],
        "steps": [step for step in _steps(invoice, found) if step["amount"]],
    }


def _steps(invoice: Invoice, found: InvoiceExplanation) -> Iterator[Step]:
    """Yield what adds up to the amount due."""
    steps = found.steps
    amounts = sum(line.amount for line in invoice.lines)
    yield {"what": "the lines", "amount": amounts}
    yield {"what": "discounts on lines", "amount": steps.subtotal - amounts}
    yield {"what": "discounts on the invoice", "amount": -steps.discounted}
    yield {"what": "billing credits", "amount": -steps.credited}
    yield {"what": "taxes that are added", "amount": steps.exclusive}
    yield {"what": found.balance, "amount": found.amount_due + steps.credit_notes - found.total}
    yield {"what": "credit notes, before it was paid", "amount": -steps.credit_notes}


def _line(account: Account, invoice: Invoice, line: InvoiceLine, each: ExplainedLine, most: int | None) -> LineWhy:
    how, exact = arithmetic.of(account, line, invoice.currency), arithmetic.exact(account, line)
    return {
        "id": each.id,
        "amount": each.amount,
        "description": masked(each.description),
        "because": masked(f"{each.reason}. {how}" if how else each.reason),
        "quantity": number(each.quantity),
        "tier": each.tier,
        "exact": None if exact is None else _text(exact),
        "rounding": None if exact is None else _text(EXACT.subtract(Decimal(each.amount), exact)),
        "item": each.item,
        "used": None if each.used is None else number(each.used),
        "billed_before": number(each.billed_before),
        "events": list(_events(each, most)),
        "events_total": len(each.events),
        "credits": [
            {"amount": credit.amount, "grant": credit.grant, "transaction": credit.transaction}
            for credit in each.credits
        ],
        "discounts": [
            {
                "amount": taken.amount,
                "discount": taken.discount,
                "coupon": masked(taken.coupon),
                "terms": taken.terms,
                "own": taken.own,
            }
            for taken in each.discounts
        ],
        "taxes": [
            {
                "amount": tax.amount,
                "rate": tax.rate,
                "terms": masked(tax.terms),
                "taxable": tax.taxable,
                "inclusive": tax.inclusive,
            }
            for tax in each.taxes
        ],
    }


def _text(value: Decimal) -> str:
    """Return a decimal without zeros at its end."""
    return f"{value.normalize(EXACT):f}" if value else "0"


def _events(line: ExplainedLine, most: int | None) -> Iterator[LineEvent]:
    for event in line.events[:most]:
        outcome: Any = event.outcome
        yield {
            "identifier": masked(event.identifier),
            "timestamp": event.timestamp,
            "value": number(event.value),
            "outcome": outcome,
        }
