"""The pytest plugin: it imports the product only inside its fixtures, so that unused it costs nothing."""
