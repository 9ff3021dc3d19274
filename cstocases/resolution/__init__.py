"""Which sources speak to which cell, what they say, and what becomes of a cell when they differ.

Holds `Data`, the object that every package above is handed: all tables with their readings, resolved by one rule. It reads no file.
"""
