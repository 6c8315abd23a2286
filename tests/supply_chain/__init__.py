"""What is shipped, and what comes with it: built and installed as users get it. Needs PyPI."""
