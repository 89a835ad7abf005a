// The seed of random tests. It stays the same, so that a change is judged by what the one before it
// was judged by; another explores, or repeats what a test that failed tells.

/** DAGMESH_TEST_SEED, or the usual one. */
export const seed = Number(process.env.DAGMESH_TEST_SEED ?? 20_260_101);
