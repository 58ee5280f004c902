"""Named methods beside the direct estimates: change between rounds, small areas, opt-in answers."""
