"""The node SDK as a client of a server in this environment: arguments are node and the folder of its modules."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from fakestripe_meters import FakeStripe

NOW = 1_735_689_600
STORY = Path(__file__).with_name("story.cjs")


if __name__ == "__main__":
    with FakeStripe(now=NOW, seed=1) as fake:
        parts = urlsplit(fake.url)
        where = {"host": parts.hostname, "port": parts.port, "protocol": "http", "key": fake.api_key}
        environment = os.environ | {"FAKE": json.dumps(where), "NODE_PATH": sys.argv[2]}
        done = subprocess.run([sys.argv[1], str(STORY)], env=environment, check=False)
    sys.exit(done.returncode)
