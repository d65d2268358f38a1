"""Reads a JSON list of Markdown texts and writes a JSON list of what cmark-gfm, the parser that GitHub uses, makes of them.

Raw HTML is let through: what of it GitHub would take away is not to be there in the first place.
"""

import json
import sys
from importlib.metadata import version

from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options

EXTENSIONS = ["table", "strikethrough", "autolink", "tasklist"]

texts = json.load(sys.stdin)
html = [markdown_to_html_with_extensions(text, Options.CMARK_OPT_UNSAFE, EXTENSIONS) for text in texts]
json.dump({"version": version("cmarkgfm"), "html": html}, sys.stdout)
