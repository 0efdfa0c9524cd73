"""Coverage-guided fuzzing of every parser; no part of the tests, because it never ends."""
