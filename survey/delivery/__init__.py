"""Published figures go to the agencies that own them, signed, and what they answer comes back."""
