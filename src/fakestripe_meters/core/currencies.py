"""The currencies that Stripe has, in the order in which it lists them, and the least that can be charged in some.

Observed in: Kiln-AI/stripe_world, crvouga/mockingbird.
Documented in: https://docs.stripe.com/currencies.
"""

from collections.abc import Mapping

# observed: the list, in refusals of a currency that is not on it, in 2026.
_LISTED = (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr "
    "ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr "
    "mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd "
    "shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar "
    "zmw usdc btn ghs eek lvl svc vef ltl sll mro"
)
CODES = tuple(_LISTED.split())
# observed: for a hash with currencies as keys, the list has three more.
_AFTER = CODES.index("usdc") + 1
KEYS = (*CODES[:_AFTER], "eurc", "usdt", "open_usd", *CODES[_AFTER:])
"""The currencies that can be keys of a hash."""

# documented: the table, in the smallest unit of each currency.
# inferred: a currency that is not in it has no minimum.
LEAST_CHARGED: Mapping[str, int] = {
    "aed": 200,
    "aud": 50,
    "bgn": 100,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "inr": 50,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
    "usd": 50,
}
"""The least that can be charged, by currency."""
