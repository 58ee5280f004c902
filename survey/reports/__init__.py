"""Reports that the plans ask for, made of published observations: the same observations give the same report."""
