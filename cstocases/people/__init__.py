"""Sheets that people fill in, what comes back, and how it enters the data.

A sheet is one offline page, workbook or text file: a blind coding, a check of published values, a verdict on differences, a correction or a new case. What comes back is read without trust, judged as a whole, shown as changes, and written only if the data stay valid.
"""
