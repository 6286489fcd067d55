"""From passages to a cited answer: read, decide, cite, or say that the text does not hold it."""
