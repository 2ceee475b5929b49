"""What a scenario costs: one reference project in the modelling language, in numpy, in C and beside PySAM."""
