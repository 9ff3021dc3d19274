"""The command line: each command parses its options, calls one public function and prints what it gives.

`query` has the commands that show, `output` those that write or check, `render` the pages for a terminal. Nothing imports this package.
"""
