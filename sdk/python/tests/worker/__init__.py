"""The worker program beside a fake mesh."""
