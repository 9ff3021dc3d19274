"""The report and the codebook as HTML pages, and the plots.

Their templates are in `templates/`. jinja2 and matplotlib are loaded only when a page or a plot is asked for.
"""
