# Written by deploy/gen/python.sh from proto/dagmesh; never edited.
