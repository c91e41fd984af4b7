"""Import sets: https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-in-bulk.

Observed in: woocommerce/woocommerce-gateway-stripe, which asks for those of another kind of file.
"""

from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.core.table import required
from fakestripe_meters.domain.records import import_sets
from fakestripe_meters.domain.records.import_sets import NOUN
from fakestripe_meters.domain.records.import_sets import ImportSet
from fakestripe_meters.domain.records.import_sets import ImportSets
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource

resource = Resource(
    "data_management.import_set",
    "/v1/data_management/import_sets",
    render=import_sets.render,
    by_id=lambda account, import_set: account.part(ImportSets).table.get(import_set),
)


@resource.get("/<import_set>")
@observed("the call")
def retrieve(account: Account, params: Operation, import_set: str) -> ImportSet:
    """Return what became of a usage file."""
    return required(account.part(ImportSets).table.get(import_set), NOUN, import_set)
