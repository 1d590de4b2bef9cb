"""What the app asks of a run: each question is one Ibis expression over what was published.

A question is asked once for all dates and remembered, so that going to another day is to look it
up. Answers are rows as dictionaries, in a fixed order. A few runs' answers are kept.
"""
