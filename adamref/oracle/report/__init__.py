"""A check as text, JSON, a page, a baseline and the message of a test."""
