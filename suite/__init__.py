"""Drives real SDKs against the mock, or against the real API."""
