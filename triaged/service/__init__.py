"""The jobs, each one a restartable pass: take in what is new, deliver what is owed, send the digest that is due.

Effects stand in the order of their cost to lose: durable, then visible.
"""
