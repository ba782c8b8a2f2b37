"""Sphinx configuration: Markdown pages, no network, warnings are errors (`make docs`)."""

from importlib.metadata import version as installed

project = "advalorem"
author = "advalorem contributors"
copyright = f"2026, {author}"
version = release = installed("advalorem")

extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "assets"]

html_theme = "furo"
html_title = f"advalorem {release}"
html_show_sphinx = False
