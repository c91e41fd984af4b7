"""The order in which Stripe lists the words of a choice, where it is known: its OpenAPI description has them sorted."""

from collections.abc import Iterable

from fakestripe_meters.core.sources import inferred

# observed: in refusals of a word that is none of them.
OBSERVED = (
    ("none", "reverse", "exempt"),
    ("month", "year", "week", "day"),
    ("metered", "licensed"),
    ("inclusive", "exclusive", "unspecified"),
    ("one_time", "recurring"),
    ("include", "exclude"),
    ("draft", "open", "void", "paid", "uncollectible"),
    ("allow_incomplete", "error_if_incomplete", "pending_if_incomplete", "default_incomplete"),
    (
        "active",
        "past_due",
        "unpaid",
        "canceled",
        "incomplete",
        "incomplete_expired",
        "trialing",
        "paused",
        "all",
        "ended",
    ),
)
BY_WORDS = {frozenset(words): words for words in OBSERVED}


@inferred("all other choices are sorted")
def in_stripes_order(words: Iterable[str]) -> tuple[str, ...]:
    """Return the words of a choice in the order in which Stripe lists them."""
    # By the words, not as declared: `typing` caches Literals, so a declared order may be that of an equal one elsewhere.
    known = frozenset(words)
    return BY_WORDS.get(known) or tuple(sorted(known))
