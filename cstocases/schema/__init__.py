"""What the schema files say: tables, fields, codes, keys and missing-value codes, as frozen objects.

Reads `schema/*.json` and refuses whatever is wrong in them. Loads no pandas, and knows nothing of the data.
"""
