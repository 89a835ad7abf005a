"""The test kit of authors."""
