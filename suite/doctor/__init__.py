"""What is wrong with this machine and this project, found by looking, not by running."""
