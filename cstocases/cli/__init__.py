"""The command line: each command parses its options, calls one public function and prints what it gives.

`query` has the commands that show data, `pages` those that make pages and pictures, `output` those that write or check other
files; `render` and `case_page` make what is printed. No other package imports this one.
"""
