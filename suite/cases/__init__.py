"""Configurations and behaviour cases as data, one module for each topic."""
