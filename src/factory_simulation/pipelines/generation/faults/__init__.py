"""Kinds of fault. Each module says where its kind falls, and what it does to a clean value.

``where_*`` returns columns that mark rows; they are stored beside the truth before anything is
dirtied. ``what_*`` makes the dirty value out of the clean one and the mark.
"""
