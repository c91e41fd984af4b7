"""What a test may do to the world."""

from fakestripe_meters.engine import Engine


class Control:
    """stub"""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
