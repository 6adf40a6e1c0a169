"""What the API does, however it is asked: clusters are looked up, changed and forecast."""
