"""A factory whose truth is known: simulate it, dirty its data, repair it, prove the repair."""

__version__ = "0.1.0"
