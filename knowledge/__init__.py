"""What the company knows: articles and the search over them."""
