"""Kinds of fault: each module says where its kind falls, what it does and how it is found.

- `Settings`: its rate and parameters, as a scenario's block ``chaos`` has them; off by default.
- ``falls`` / ``faults``: where it falls, by random numbers that name the row alone, and what it
  makes of a clean value, with what the landed files still tell of that value (the ledger's part).
- ``find``: how silver finds it in landed rows, and repairs it where that can be. What finds knows
  nothing of rates, nor of what fell.

`docs/faults.md` has the recipe for a kind more.
"""
