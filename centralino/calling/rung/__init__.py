"""The other end of calls that a server places: phones that ring, and the phone systems that ring them."""
