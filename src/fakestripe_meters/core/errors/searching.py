"""Errors of the calls that search: their query and their pages.

Observed in: crvouga/mockingbird.
"""

from fakestripe_meters.core.errors.error import StripeError
from fakestripe_meters.core.sources import inferred
from fakestripe_meters.core.sources import observed

LONGEST_TOKEN = 1_000
SHOWN = 100
"""How many characters of the beginning, and how many of the end, are shown of a longer token."""


@observed("the sentence, and that it has neither a code nor a param")
@inferred(
    "it is also said of AND with OR, of too many clauses, of an operator that a field lacks, of a short substring"
)
def unparsable_query() -> StripeError:
    """400 if a query is not written in the query language."""
    return StripeError(
        400,
        'We were unable to parse your search query. Try using the format `metadata["key"]:"value"` to query for '
        'metadata or key:"value" to query for other fields.',
    )


@observed("the sentence, and that it has neither a code nor a param")
def unknown_field(field: str, objects: str) -> StripeError:
    """400 if a query names a field that cannot be searched; `objects` is their plural, as in their URL."""
    page = f"http://stripe.com/docs/search#query-fields-for-{objects.replace('_', '-')}"
    return StripeError(
        400,
        f"Field `{field}` is an unsupported search field for resource `{objects}`. "
        f"See {page} for a list of supported fields.",
    )


@observed("the sentence, and that the param is the token")
@inferred("a token of another query is refused as well")
def invalid_page(token: str) -> StripeError:
    """400 if no search has given out the token of a page."""
    shown = token if len(token) <= LONGEST_TOKEN else f"{token[:SHOWN]}...{token[-SHOWN:]}"
    return StripeError(400, f"{shown} is an invalid page.", param=token)


@observed("the sentence (stripe/stripe-cli#1201)")
def version_too_old(version: str, oldest: str) -> StripeError:
    """400 if the request's version is from before there were searches."""
    remedy = f"Update your API version, or set the API Version of this request to {oldest} or greater."  # noqa: S608  no SQL
    return StripeError(400, f"Search is not supported on api version {version}. {remedy}")
