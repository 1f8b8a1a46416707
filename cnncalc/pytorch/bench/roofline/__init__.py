"""What the device can do at best, and what a layer must do."""
