"""What is measured and how: Tendwell beside its own physical limits, in one run on one machine."""
