// How Node runs a service: with a small nursery for young objects, because most of what a service
// allocates lives for one message: the idle mesh went from 727 to 557 MB by it.

/** Flags for Node, before the file of the service. */
export const serviceNodeFlags = ['--max-semi-space-size=4'];
