"""What is published when something happens to an object."""
