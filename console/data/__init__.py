"""Rules as data: what an office may want to change without a programmer."""
