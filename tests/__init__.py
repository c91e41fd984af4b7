"""A package, because the wheels of Recurly's and Paddle's SDKs bring a package `tests`, which would be found first."""
