"""Sheets that people fill in. What comes back from them. How it enters the data."""
