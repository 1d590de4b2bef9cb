"""What lands: clean rows and the faults that fall on them, one table per landing file.

Each node makes one row per landed row, copies included, and per row that was lost: its text, beside
each cell what the ledger says of it, and its place in a file. Landing files and the ledger are both
read off these tables, so neither can know what the other does not.
"""
