"""The folder that `run` puts onto the path of the Python programs below it: they import its `sitecustomize`."""
