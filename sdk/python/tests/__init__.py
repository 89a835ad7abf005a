"""Tests of the Python SDK; run by deploy/gen/python-test.sh."""

import os

# Read when grpc is imported: its handlers may hang in a fork that only starts another program.
os.environ.setdefault('GRPC_ENABLE_FORK_SUPPORT', '0')
