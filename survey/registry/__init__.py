"""What the provinces aim at: indicators, targets and owners, each with its dates."""
