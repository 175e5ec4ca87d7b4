"""What was answered to whom under which key, so that a request sent again is answered alike and done once."""
