"""Writes a DAG down as a DagSpec, the one form in which it exists outside its author's code."""

from dagmesh.authoring.spec.dag import spec_of

__all__ = ['spec_of']
