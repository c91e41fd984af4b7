"""What a meter event locks while it is recorded.

Documented in: https://docs.stripe.com/rate-limits.
"""

from fakestripe_meters.core.sources import documented
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.wire.tree import Tree


@documented("one call at a time for each customer and meter, as an older text says")
@inferred("the customer is that of the payload's usual key")
def locked(tree: Tree) -> object:
    """Return the customer and the meter of an event, from its parameters; None if it names none."""
    payload = tree.get("payload")
    customer = payload.get("stripe_customer_id") if isinstance(payload, dict) else None
    return None if customer is None else (str(customer), str(tree.get("event_name")))
