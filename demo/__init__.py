"""A client of the public API that plays real data: a care home, people at home, a commissioner's pathway.

It speaks HTTP to a running Tendwell like any phone or monitor would. It refuses to know how the service
works inside: nothing here imports the service's own packages, so what the demo can do, anybody's app can do.
"""
