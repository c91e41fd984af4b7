"""Taxes as they were shown before `taxes`."""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.versions.change import Tree


@documented("the fields of both shapes, in the SDKs' types")
def tax_amounts(taxes: list[Tree]) -> list[Tree]:
    """Return taxes as they were shown."""
    return [
        {
            "amount": each["amount"],
            "inclusive": each["tax_behavior"] == "inclusive",
            "tax_rate": each["tax_rate_details"]["tax_rate"],
            # inferred: older versions have no word for rates that are set by hand.
            "taxability_reason": None if each["taxability_reason"] == "not_available" else each["taxability_reason"],
            "taxable_amount": each["taxable_amount"],
        }
        for each in taxes
    ]


def inclusive(taxes: list[Tree]) -> int:
    """Return how much tax an amount contains."""
    return sum(each["amount"] for each in taxes if each["tax_behavior"] == "inclusive")
