"""What States can share."""
