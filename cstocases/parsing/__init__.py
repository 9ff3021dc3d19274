"""The CSV files of `cases/` as typed frames, and the rules of the schema on their columns, keys and references.

Knows tables and columns, not what they mean. A cell that breaks a rule becomes a Problem with its file, line and column.
"""
