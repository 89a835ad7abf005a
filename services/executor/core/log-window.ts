// Which bytes of a log chunk are new: chunks are keyed by offset, so that what is sent twice is
// stored once.

/** What is to be done with a chunk. `skip` and `length` are bytes of its content. */
export type ChunkPlan =
  /** Append this part. */
  | { readonly kind: 'append'; readonly skip: number; readonly length: number }
  /** Everything in it is stored. */
  | { readonly kind: 'stored' }
  /** It begins beyond what is stored: the sender must go back. */
  | { readonly kind: 'gap' }
  /** Only this part fits into the limit. */
  | { readonly kind: 'overflow'; readonly skip: number; readonly length: number };

/**
 * Plans a chunk of `length` bytes that begins at `offset` of a log of which `storedSize` bytes are
 * stored.
 */
export function planChunk(chunk: {
  readonly storedSize: number;
  readonly offset: number;
  readonly length: number;
  readonly sizeMax: number;
}): ChunkPlan {
  const { storedSize, offset, length, sizeMax } = chunk;
  if (offset > storedSize) return { kind: 'gap' };
  if (offset + length <= storedSize) return { kind: 'stored' };
  const skip = storedSize - offset;
  const fresh = length - skip;
  const room = Math.max(0, sizeMax - storedSize);
  if (fresh <= room) return { kind: 'append', skip, length: fresh };
  return { kind: 'overflow', skip, length: room };
}
