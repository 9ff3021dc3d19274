"""Questions put to the data: queries, reliability, QCA, sensitivity, and the differences between two versions.

Each module has public functions that load the data, and functions below them that are handed `Data`. Nothing here prints or writes.
"""
