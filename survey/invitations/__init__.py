"""How sampled people are invited and reminded: links, letters, QR codes, messages and their senders."""
