"""The tables that are computed and never stored: the comparison, one row a request, and the status of each cell.

Takes `Data` and joins its tables. Reads no file.
"""
