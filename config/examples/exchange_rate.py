# A tool for models: its arguments come as JSON on standard input, what it prints is its result.
import json
import sys

rates = {"USD": 1.0, "EUR": 0.9, "GBP": 0.8}  # per US dollar, made up
asked = json.load(sys.stdin)
try:
    print(round(rates[asked["to"]] / rates[asked["from"]], 6))
except KeyError as unknown:
    sys.exit(f"there is no rate for {unknown}; known: {', '.join(rates)}")
