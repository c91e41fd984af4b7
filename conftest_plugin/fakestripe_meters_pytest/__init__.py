"""The pytest plugin. It imports fakestripe_meters only inside its fixtures, so that it costs nothing if unused."""
