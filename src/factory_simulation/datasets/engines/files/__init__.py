"""How DuckDB reads landing files, for every engine: all values as text, in their order.

There is one module per format.
Each module's ``read`` makes temporary tables with the columns of the files, ``_path``,
``_source_row``, ``_parse_error`` and ``_surplus_fields``. Malformed rows stay and say so; a file
that cannot be read as a whole raises ``RejectedFileError``.
"""
