"""Networks as torch modules in a file of their own, which run without this product: the code that `costmodel export` writes."""
