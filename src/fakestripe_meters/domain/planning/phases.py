"""How phases are read: each is checked as the subscription that it makes, before anything is changed."""

from collections.abc import Sequence
from decimal import Decimal

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.late import dataclass
from fakestripe_meters.core.sources import documented
from fakestripe_meters.domain.invoicing import redeemable
from fakestripe_meters.domain.invoicing import tax_terms
from fakestripe_meters.domain.invoicing.redeeming import DiscountTerms
from fakestripe_meters.domain.invoicing.redeeming import Given
from fakestripe_meters.domain.invoicing.redeeming import Owner
from fakestripe_meters.domain.invoicing.redeeming import way_of
from fakestripe_meters.domain.paying import methods
from fakestripe_meters.domain.planning import lasting
from fakestripe_meters.domain.planning.schedule_terms import DefaultTerms
from fakestripe_meters.domain.planning.schedule_terms import LaterPhase
from fakestripe_meters.domain.planning.schedule_terms import NewPhase
from fakestripe_meters.domain.planning.schedule_terms import PhaseAddition
from fakestripe_meters.domain.planning.schedule_terms import PhaseInvoiceSettings
from fakestripe_meters.domain.records import coupons
from fakestripe_meters.domain.records import prices
from fakestripe_meters.domain.records import promotion_codes
from fakestripe_meters.domain.records.customers import Customer
from fakestripe_meters.domain.records.discounts import Discounts
from fakestripe_meters.domain.records.subscription_details import Thresholds
from fakestripe_meters.domain.records.subscription_phases import Addition
from fakestripe_meters.domain.records.subscription_phases import Defaults
from fakestripe_meters.domain.records.subscription_phases import Phase
from fakestripe_meters.domain.records.subscription_phases import PhaseBound
from fakestripe_meters.domain.records.subscription_phases import PhaseInvoices
from fakestripe_meters.domain.records.subscription_phases import PhaseItem
from fakestripe_meters.domain.records.subscription_phases import Reduction
from fakestripe_meters.domain.subscribing import added_items
from fakestripe_meters.domain.subscribing import item_changes
from fakestripe_meters.domain.subscribing.composing import compose
from fakestripe_meters.domain.subscribing.item_changes import Change
from fakestripe_meters.framework.metadata import Metadata
from fakestripe_meters.framework.metadata import merged
from fakestripe_meters.framework.times import check_timestamp
from fakestripe_meters.wire.schema import UNSET

MOST_PHASES = 10
Terms = NewPhase | LaterPhase


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known while the phases of a schedule are read."""

    account: Account
    customer: Customer
    mode: str
    defaults: Defaults

    def read(self, terms: Sequence[Terms], first: int, anchor: int, skipped: int = 0) -> list[Phase]:
        """Return the phases, each beginning where the one before ends, or raise StripeError 400 for one that cannot be.

        `first` is when the first one begins, and `anchor` that of the billing cycle. Some that are past are skipped.
        """
        check_number(terms[skipped:])
        found: list[Phase] = []
        for index, each in enumerate(terms[skipped:], skipped):
            path = f"phases[{index}]"
            start = found[-1].end if found else first
            self._check_start(each, start, found, f"{path}[start_date]")
            anchor = start if self._restarts(each) else anchor
            phase = self._read(each, start, anchor, path)
            if found and phase.currency != found[0].currency:
                raise errors.subscription_schedules.several_currencies(
                    f"{path}[items]", found[0].currency, phase.currency
                )
            anchor = anchor if phase.trial_end is None else phase.trial_end
            found.append(phase)
        return found

    def _check_start(self, terms: Terms, start: int, before: Sequence[Phase], path: str) -> None:
        given = terms.start_date if isinstance(terms, LaterPhase) else None
        if before and given is not None and (self.account.now if isinstance(given, str) else given) != start:
            raise errors.subscription_schedules.gap_before(path)

    def _restarts(self, terms: Terms) -> bool:
        return (terms.billing_cycle_anchor or self.defaults.billing_cycle_anchor) == "phase_start"

    def _read(self, terms: Terms, start: int, anchor: int, path: str) -> Phase:
        changes = item_changes.read(self.account, None, terms.items, f"{path}[items]")
        currency, shortest = compose(self.account, None, changes, f"{path}[items]", self.mode)
        if terms.currency is not None and terms.currency.lower() != currency:
            raise errors.prices.only_supports(f"{path}[currency]", currency, terms.currency.lower())
        own = defaults_of(self.account, self.customer, terms, path)
        self._check_collection(own, path)
        end = lasting.end_of(self.account, terms, shortest, start=start, anchor=anchor, path=path)
        trial_end = lasting.trial_end_of(self.account, terms, start=start, end=end, path=path)
        item_changes.keep_prices(self.account, changes)
        return Phase(
            start,
            end,
            currency,
            [self._item(change) for change in changes],
            added=[
                self._addition(each, currency, f"{path}[add_invoice_items][{index}]")
                for index, each in enumerate(terms.add_invoice_items)
            ],
            default_tax_rates=tax_terms.chosen(self.account, terms.default_tax_rates, f"{path}[default_tax_rates]")
            or [],
            discounts=self._reductions(terms.discounts, currency, f"{path}[discounts]"),
            metadata=_metadata(terms.metadata, f"{path}[metadata]"),
            own=own,
            proration_behavior=terms.proration_behavior,
            trial_end=trial_end,
        )

    def _item(self, change: Change) -> PhaseItem:
        terms = change.terms
        price = change.price_after(self.account)
        return PhaseItem(
            price.id,
            change.quantity_after(self.account),
            discounts=self._reductions(terms.discounts, price.currency, change.within("discounts")),
            metadata=_metadata(terms.metadata, change.within("metadata")),
            tax_rates=change.rates or [],
            usage_gte=terms.billing_thresholds.usage_gte if terms.billing_thresholds not in (UNSET, None) else None,
        )

    def _addition(self, terms: PhaseAddition, currency: str, path: str) -> Addition:
        price, _, rates = added_items.read_one(self.account, terms, currency, path)
        if not price.id:
            prices.add(self.account, price)
        start, end = PhaseBound("max_item_period_start"), PhaseBound("min_item_period_end")
        if terms.period is not None:
            for name, each in (("start", terms.period.start), ("end", terms.period.end)):
                check_timestamp(each.type, each.timestamp, f"{path}[period][{name}]")
            start = PhaseBound(terms.period.start.type, terms.period.start.timestamp)
            end = PhaseBound(terms.period.end.type, terms.period.end.timestamp)
        return Addition(
            price.id,
            Decimal(terms.quantity),
            start,
            end,
            discountable=terms.discountable,
            discounts=self._reductions(terms.discounts, currency, f"{path}[discounts]"),
            metadata=_metadata(terms.metadata, f"{path}[metadata]"),
            tax_rates=rates,
        )

    def _reductions(self, given: Given, currency: str, path: str) -> list[Reduction]:
        """Return the discounts that a request names, or raise StripeError 400 if one could not be redeemed now."""
        if given is UNSET or given is None:
            return []
        found, used = [], set()
        for index, terms in enumerate(given):
            where = way_of(terms, f"{path}[{index}]")
            coupon = self._coupon(terms, currency, where)
            if coupon in used:
                raise errors.discounts.twice(where, coupon)
            used.add(coupon)
            found.append(Reduction(terms.coupon, terms.discount, terms.promotion_code))
        return found

    def _coupon(self, terms: DiscountTerms, currency: str, path: str) -> str:
        owner = Owner(self.customer, currency)
        if terms.discount is not None:
            discount = self.account.part(Discounts).table.get(terms.discount)
            if discount is None or discount.customer != self.customer.id:
                raise errors.objects.no_such("discount", terms.discount, param=path, status=400)
            return discount.coupon
        if terms.promotion_code is not None:
            code = promotion_codes.find(self.account, terms.promotion_code, param=path, status=400)
            redeemable.check_code(self.account, owner, code, path)
            coupon = coupons.kept(self.account, code.coupon)
        else:
            coupon = coupons.find(self.account, terms.coupon or "", param=path, status=400)
        redeemable.check(self.account, owner, coupon, path)
        return coupon.id

    def _check_collection(self, own: Defaults, path: str) -> None:
        """Raise StripeError 400 if invoices that are sent have no due date, or if charged ones have one."""
        method = own.collection_method or self.defaults.collection_method
        days = [each.invoice_settings.days_until_due for each in (own, self.defaults) if each.invoice_settings]
        due = next((each for each in days if each is not None), None)
        names = (f"{path}[invoice_settings][days_until_due]",)
        if method == "send_invoice" and due is None:
            raise errors.invoices.due_date_needed(names)
        if method != "send_invoice" and due is not None:
            raise errors.invoices.due_date_not_wanted(names)


@documented("at most ten current and future ones, https://docs.stripe.com/billing/subscriptions/subscription-schedules")
def check_number(phases: Sequence[object]) -> None:
    """Raise StripeError 400 if a schedule has too many current and future phases."""
    if len(phases) > MOST_PHASES:
        raise errors.params.too_many("phases", MOST_PHASES, "current and future phases")


def defaults_of(account: Account, customer: Customer, terms: DefaultTerms, path: str) -> Defaults:
    """Return what a schedule says by default, or a phase itself, or raise StripeError 400."""
    thresholds = terms.billing_thresholds
    named = None if terms.default_payment_method is UNSET else terms.default_payment_method
    return Defaults(
        billing_cycle_anchor=terms.billing_cycle_anchor,
        collection_method=None if terms.collection_method is UNSET else terms.collection_method,
        default_payment_method=methods.default_for(account, customer, named, param=f"{path}[default_payment_method]"),
        description=None if terms.description is UNSET else terms.description,
        invoice_settings=None if terms.invoice_settings is None else _invoices(terms.invoice_settings),
        thresholds=None
        if thresholds is UNSET or thresholds is None
        else Thresholds(thresholds.amount_gte, thresholds.reset_billing_cycle_anchor),
    )


def _invoices(settings: PhaseInvoiceSettings) -> PhaseInvoices:
    fields = settings.custom_fields
    return PhaseInvoices(
        custom_fields=None if fields is UNSET or fields is None else [dict(vars(each)) for each in fields],
        days_until_due=None if settings.days_until_due is UNSET else settings.days_until_due,
        description=None if settings.description is UNSET else settings.description,
        footer=None if settings.footer is UNSET else settings.footer,
    )


def _metadata(given: Metadata, path: str) -> dict[str, str]:
    """Return metadata with its empty values, which take keys away when the phase begins."""
    if given is UNSET or given is None:
        return {}
    merged({}, given, path)
    return {key: value or "" for key, value in given.items()}
