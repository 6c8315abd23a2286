"""A team's own program under two versions of an SDK: what it is given, how it runs, what then differs.

The program is not changed, and nothing is written to its folder but by itself.
"""
