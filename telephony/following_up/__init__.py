"""Messages that an operator sends to a caller, during a call or after it."""
