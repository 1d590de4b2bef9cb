"""A counter-based random number generator out of ``+ * %`` on int64.

A number depends on its stream and its keys alone, never on what was drawn before, so any cell of
any date can be generated alone, on any engine, with the same result. Engines' own generators, hash
functions and samplers differ from each other and are not used.

The generator: three affine rounds modulo primes near 2**31, with the quadratic ``x * (2x + 1)``
modulo 2**31 between them. All intermediate values stay below 2**63.
"""

from dataclasses import dataclass
from hashlib import blake2b

import ibis
import ibis.expr.types as ir

MODULUS = 2147483587
"""Draws lie in ``[0, MODULUS)``."""

_KEYS_MODULUS = 2147483647
_MIDDLE_MODULUS = 2147483629
_WORD = 2**31
_LARGEST_KEY_COUNT = 3
LARGEST_RANGE = 2**22
"""Integers are drawn from at most so many values: a product with a draw must stay below 2**53."""


@dataclass(frozen=True)
class Stream:
    """One independent stream of random numbers: a seed and what the numbers are for."""

    seed: int
    name: str

    def _constants(self) -> list[int]:
        """Return eight constants: three for the keys and one offset, then two (factor, offset)."""
        digest = b"".join(
            blake2b(f"{self.seed}:{self.name}:{i}".encode(), digest_size=8).digest()
            for i in range(8)
        )
        words = [int.from_bytes(digest[i : i + 8], "big") for i in range(0, len(digest), 8)]
        factors = [2**29 + (w % 2**28) * 2 + 1 for w in words]  # odd, in 2**29 .. 2**30
        offsets = [w % _KEYS_MODULUS for w in words]
        return [*factors[:3], offsets[3], factors[4], offsets[5], factors[6], offsets[7]]

    def draw(self, *keys: ir.IntegerColumn) -> ir.IntegerColumn:
        """Draw one integer in ``[0, MODULUS)`` for each row.

        Args:
            keys: One to three non-negative int64 columns below 2**31 that identify the row. A
                stream is drawn from with one number of keys: a key that is left out counts as 0.
        """
        if not 1 <= len(keys) <= _LARGEST_KEY_COUNT:
            raise ValueError(f"a draw takes 1 to {_LARGEST_KEY_COUNT} keys, got {len(keys)}")
        *factors, offset, a, c, b, d = self._constants()
        # columns stand on the left: an Ibis literal cannot be the left side of a deferred column
        x = keys[0].cast("int64") * _int64(factors[0]) + _int64(offset)
        for key, factor in zip(keys[1:], factors[1:], strict=False):
            x = x + key.cast("int64") * _int64(factor)
        x = x % _int64(_KEYS_MODULUS)
        x = (_scramble(x) * _int64(a) + _int64(c)) % _int64(_MIDDLE_MODULUS)
        return (_scramble(x) * _int64(b) + _int64(d)) % _int64(MODULUS)

    def integer(
        self, low: ir.IntegerValue | int, high: ir.IntegerValue | int, *keys: ir.IntegerColumn
    ) -> ir.IntegerColumn:
        """Draw an integer in ``[low, high]`` for each row, every value equally likely.

        The range must hold no more than ``LARGEST_RANGE`` values.
        """
        width = high - low + 1
        return low + (self.draw(*keys) * width) // _int64(MODULUS)

    def happens(self, rate: float, *keys: ir.IntegerColumn) -> ir.BooleanColumn:
        """Draw true with probability ``rate`` for each row."""
        return self.draw(*keys) < _int64(round(rate * MODULUS))


def key_of(name: str) -> int:
    """Return a stable key in ``[0, 2**31)`` for a name, so that adding a machine moves no other."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") % _WORD


def _scramble(x: ir.IntegerColumn) -> ir.IntegerColumn:
    return (x * (x * _int64(2) + _int64(1))) % _int64(_WORD)


def _int64(value: int) -> ir.IntegerScalar:
    return ibis.literal(value, type="int64")
