// Which partition a DAG belongs to: all its runs are decided by the partition's one owner.

/**
 * How many partitions an installation has; fixed for its life, because rows are stored under it.
 */
export const PARTITIONS_COUNT = 256;

/**
 * The partition of a DAG, 0 to 255: FNV-1a over the id's UTF-8 bytes (32 bit), folded so that all
 * bits count.
 */
export function partitionOf(dagId: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(dagId, 'utf8')) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  const folded = hash ^ (hash >>> 16);
  return (folded ^ (folded >>> 8)) & (PARTITIONS_COUNT - 1);
}
