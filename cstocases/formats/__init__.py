"""The dataset as files for other programs, with codebook, citation and descriptions for catalogues.

`export` writes the folder, `registry` lists the formats, and each other module makes one kind of file. All are handed one `Contents`, so that nothing is computed twice.
"""
