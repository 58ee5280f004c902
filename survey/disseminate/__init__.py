"""From estimates to published observations: registry, sign-off, public pages, exports."""
