"""Sheets that people fill in, what comes back, and how it enters the data.

A sheet is one offline page, workbook or text file: a blind coding, checks, verdicts, a correction or a new case. What comes
back is read without trust, tried on a copy, shown as changes, and written whole or not at all.
"""
