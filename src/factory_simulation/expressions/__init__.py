"""Ibis building blocks that know no table: random numbers, text keys, time, rules, neighbours.

What an engine cannot do is rewritten portably here, once.
"""
