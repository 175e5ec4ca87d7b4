"""The patient's app, in a phone-sized window, against real processes."""
