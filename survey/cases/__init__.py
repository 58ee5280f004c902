"""Areas, samples and cases: who is to be asked, where, and how that went."""
