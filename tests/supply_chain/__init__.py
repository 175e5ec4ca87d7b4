"""What Tendwell is made of: the locked packages, their licences and known weaknesses, and the bill that lists them."""
