"""What is left of billing credits while drafts show that they will pay with them."""

from collections import Counter
from collections.abc import Collection

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.domain.invoicing import drafts
from fakestripe_meters.domain.records.credits import CreditGrant
from fakestripe_meters.domain.records.invoices import Invoices


@inferred("each of several drafts shows what it would have without the others")
def shown_by_drafts(account: Account, customers: Collection[str]) -> Counter[str]:
    """Return, by grant, what the drafts of customers show as paid: it is no longer available, but not booked yet."""
    drawn: Counter[str] = Counter()
    for invoice in account.part(Invoices).table:
        if invoice.status == "draft" and invoice.customer in customers:
            drafts.refresh(account, invoice)
            for credit in (credit for line in invoice.lines for credit in line.credits):
                drawn[credit.grant] += credit.amount
    return drawn


@documented(
    "the available balance is without what is not effective yet and what drafts show as paid; the ledger balance has "
    "both, https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits"
)
def available(grant: CreditGrant, drawn: Counter[str], now: int) -> int:
    """Return what can be drawn on a grant at an instant, after what drafts show as `drawn`."""
    return max(0, grant.balance - drawn[grant.id]) if grant.usable(now) else 0
