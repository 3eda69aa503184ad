"""What States ask for."""
