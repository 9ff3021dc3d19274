"""Files on disk: writing them whole or not at all, and the checksums of an export.

Nothing here knows what a table is. Whatever writes a file or folder uses it.
"""
