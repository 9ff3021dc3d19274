"""The validation rules that cross columns and tables: one function a rule, whose docstring is its line in the codebook.

`content` is about what the tables say of the world, `sourcing` about the readings behind it. `judging` asks them all of a dataset, after the types, keys and references.
"""
