"""Anonymised microdata: releases that anybody may compute with, and that tell nothing of anybody."""
