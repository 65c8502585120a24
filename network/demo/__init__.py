"""The demo network: what a real one looks like, made only through the product's own actions."""
