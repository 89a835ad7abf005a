"""Makes the contracts fit for the Python SDK: buf's image on stdin, a descriptor set on stdout.

Validation rules go away, so that the SDK needs neither protovalidate nor a copy of its descriptors,
and the files move from `dagmesh/<noun>/v1` to `dagmesh/gen/<noun>/v1`, because the Python package
`dagmesh` is the SDK itself. The names on the wire (`dagmesh.worker.v1.WorkerService`) stay as they
are.
"""

import sys

from google.protobuf.descriptor_pb2 import FileDescriptorSet

VALIDATION = 'buf/validate/validate.proto'


def moved(path):
    return path.replace('dagmesh/', 'dagmesh/gen/', 1) if path.startswith('dagmesh/') else path


contracts = FileDescriptorSet.FromString(sys.stdin.buffer.read())
# The rules are extensions this program does not know, so they are exactly the unknown fields.
contracts.DiscardUnknownFields()
fitted = FileDescriptorSet()
for file in contracts.file:
    if file.name == VALIDATION:
        continue
    file.name = moved(file.name)
    imports = [moved(path) for path in file.dependency if path != VALIDATION]
    del file.dependency[:]
    file.dependency.extend(imports)
    fitted.file.append(file)
sys.stdout.buffer.write(fitted.SerializeToString())
