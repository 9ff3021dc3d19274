"""The tables that are computed and never stored: the comparison, statuses, requests beside members and members by year.

Takes `Data` and joins its tables. Reads no file.
"""
