"""The payment methods of one customer: https://docs.stripe.com/api/payment_methods/customer_list."""

from fakestripe_meters.core import errors
from fakestripe_meters.core.account import Account
from fakestripe_meters.core.sources import observed
from fakestripe_meters.domain.records import customers
from fakestripe_meters.domain.records import payment_methods
from fakestripe_meters.domain.records.payment_methods import PaymentMethod
from fakestripe_meters.domain.records.payment_methods import PaymentMethods
from fakestripe_meters.framework.endpoint import Listing
from fakestripe_meters.framework.endpoint import Operation
from fakestripe_meters.framework.endpoint import Resource
from fakestripe_meters.resources import payment_methods as all_methods
from fakestripe_meters.resources.payment_methods import ListMethodsOfCustomer

PATH = "/v1/customers/<customer_id>/payment_methods"
resource = Resource("payment_method", PATH, render=payment_methods.render)


@resource.get()
@observed("a customer that does not exist is a 404 (Kiln-AI/stripe_world)")
def list_(account: Account, params: ListMethodsOfCustomer, customer_id: str) -> Listing:
    """List a customer's payment methods, newest first."""
    customer = customers.find(account, customer_id)
    return all_methods.methods_page(account, params, customer.id, f"/v1/customers/{customer.id}/payment_methods")


@resource.get("/<payment_method_id>")
def retrieve(account: Account, params: Operation, customer_id: str, payment_method_id: str) -> PaymentMethod:
    """Return a payment method of a customer."""
    customer = customers.find(account, customer_id)
    method = account.part(PaymentMethods).table.get(payment_method_id)
    if method is None or method.customer != customer.id:
        raise errors.payment_methods.invalid_of_customer()
    return method
