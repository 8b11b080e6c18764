"""The vocabulary of the program: frozen values that every layer may name. Imports nothing."""
