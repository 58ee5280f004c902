"""How figures leave the house: registry, sign-off, observations, charts, maps, files and public pages."""
