"""Bytes of every kind against what reads them: no crash, no hang, no mistake of the mock.

    python -m tests.fuzz --inputs 1000000

Each target takes bytes and raises where something is wrong. ``targets.py`` has them all; ``__main__.py`` lets
a coverage-guided fuzzer find bytes, ``test_fuzz.py`` lets Hypothesis build some; both are shown bugs to find.
"""
