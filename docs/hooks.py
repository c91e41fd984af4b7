"""MkDocs calls this while it builds the site, to add the pages that stand outside of `docs/`.

In the repository, links lead from file to file. Here each becomes a link between pages of the site.
"""  # noqa: INP001  a hook that mkdocs.yml names

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "fixtures/README.md": "fixtures.md",
    "fixtures/checkout_app/README.md": "checkout-app.md",
    "fixtures/n8n/README.md": "n8n.md",
    "fixtures/token_app/README.md": "token-app.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""Where a page is in the repository → where it is in the site."""
INSIDE = {there: here for here, there in OUTSIDE.items()}
LINK = re.compile(r"(\[[^\]]*\]\()([^)\s#:]+\.md)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside."""
    for here, there in OUTSIDE.items():
        files.append(File.generated(config, there, content=(ROOT / here).read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, **_more: object) -> str:
    """Turn links between files of the repository into links between pages of the site."""
    source = page.file.src_uri
    folder = posixpath.dirname(INSIDE.get(source, f"docs/{source}"))

    def within_the_site(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[2]))
        there = OUTSIDE.get(target, target.removeprefix("docs/"))
        return f"{link[1]}{posixpath.relpath(there, posixpath.dirname(source) or '.')}{link[3]}"

    return LINK.sub(within_the_site, markdown)
