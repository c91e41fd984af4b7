"""Read the oracle anew from releases of stripe-python, and say what changed:

    python tests/conformance/regenerate.py [FOLDER_OR_WHEEL ...]

The first is the base, the others are kept as what they change in it. Without arguments the installed release becomes
the base and the others stay. Nothing is imported from the releases; `pip download --no-deps stripe==VERSION` is enough.
"""

import json
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.conformance.oracle import BASE  # noqa: E402  the path comes first
from tests.conformance.oracle import FOLDER  # noqa: E402  likewise
from tests.conformance.oracle import load  # noqa: E402  likewise
from tests.conformance.oracle import served_objects  # noqa: E402  likewise
from tests.conformance.oracle import served_routes  # noqa: E402  likewise
from tests.conformance.sdk_types import Oracle  # noqa: E402  likewise
from tests.conformance.sdk_types import Sdk  # noqa: E402  likewise
from tests.conformance.sdk_types import difference  # noqa: E402  likewise


def read(source: Path, scratch: Path) -> Oracle:
    """The oracle of a folder, or of a wheel."""
    if source.suffix == ".whl":
        with zipfile.ZipFile(source) as wheel:
            wheel.extractall(scratch / source.stem)
        source = scratch / source.stem
    root = source if source.name == "stripe" else source / "stripe"
    return Sdk(root).oracle(served_objects(), served_routes())


def as_json(oracle: Oracle, base: Oracle | None) -> dict[str, object]:
    if base is None:
        return {
            "sdk": oracle.sdk,
            "api_version": oracle.api_version,
            "objects": oracle.objects,
            "endpoints": oracle.endpoints,
            "elsewhere": oracle.elsewhere,
        }
    return {
        "sdk": oracle.sdk,
        "api_version": oracle.api_version,
        "changes": base.sdk,
        "objects": difference(base.objects, oracle.objects),
        "endpoints": difference(base.endpoints, oracle.endpoints),
        "elsewhere": oracle.elsewhere,
    }


def report(old: Oracle | None, new: Oracle) -> Iterable[str]:
    """What a newer release changed, a line each."""
    if old is None:
        yield f"{new.sdk} ({new.api_version}): new"
        return
    yield f"{old.sdk} → {new.sdk} ({new.api_version})"
    for title, before, after in (
        ("object", old.objects, new.objects),
        ("endpoint", old.endpoints, new.endpoints),
    ):
        for name, changes in difference(before, after).items():
            state = "added" if name not in before else "removed" if name not in after else "changed"
            yield f"  {title} {name} {state}"
            for path, kind in changes.items():
                was = before.get(name, {}).get(path)
                yield f"    {'-' if kind is None else '+' if was is None else '~'} {path}: {was or ''}→{kind or ''}"
    for route in sorted(set(new.elsewhere) ^ set(old.elsewhere)):
        yield f"  unserved {route} {'added' if route in new.elsewhere else 'removed'}"


def main(sources: list[Path]) -> None:
    spec = find_spec("stripe")
    if not sources and spec is not None and spec.submodule_search_locations:
        sources = [Path(spec.submodule_search_locations[0])]
    FOLDER.mkdir(exist_ok=True)
    kept = {path.stem: load(path.stem) for path in FOLDER.glob("*.json")}
    old_base = load(BASE.read_text("utf-8").strip()) if BASE.exists() else None
    with tempfile.TemporaryDirectory() as scratch:
        base, *others = (read(source, Path(scratch)) for source in sources)
    if not others:  # the others stay, as what they change in the new base
        others = [each for name, each in kept.items() if name not in (base.sdk, old_base and old_base.sdk)]
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for oracle in [base, *others]:
        old = kept.get(oracle.sdk) or (old_base if oracle is base else None)
        sys.stdout.write("\n".join(report(old, oracle)) + "\n")
        text = json.dumps(as_json(oracle, None if oracle is base else base), indent=1, sort_keys=False)
        (FOLDER / f"{oracle.sdk}.json").write_text(text + "\n", "utf-8")
    BASE.write_text(base.sdk + "\n", "utf-8")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
