"""ODK Collect, KoboCollect and Enketo: form list, forms and submissions over OpenRosa."""
