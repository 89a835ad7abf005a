// A binary heap whose members know their place in it, so that any of them can leave in O(log n).

/**
 * What a member must carry: its place in the heap, −1 while it is in none. A member is in one heap
 * at a time.
 */
export type HeapMember = { heapIndex: number };

/** Members in an order of which only the first is known. */
export type Heap<T extends HeapMember> = {
  readonly members: T[];
  /**
   * True when `a` comes before `b`; must stay the same while both are in the heap, else call
   * `moveInHeap`.
   */
  readonly isBefore: (a: T, b: T) => boolean;
};

/** An empty heap. */
export function createHeap<T extends HeapMember>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  return { members: [], isBefore };
}

/** The member before all others; undefined when the heap is empty. */
export function firstOf<T extends HeapMember>(heap: Heap<T>): T | undefined {
  return heap.members[0];
}

/** Adds a member that is in no heap. */
export function joinHeap<T extends HeapMember>(heap: Heap<T>, member: T): void {
  heap.members.push(member);
  rise(heap, member, heap.members.length - 1);
}

/** Takes a member out; one that is in no heap is left alone. */
export function leaveHeap<T extends HeapMember>(heap: Heap<T>, member: T): void {
  const index = member.heapIndex;
  if (index < 0) return;
  member.heapIndex = -1;
  const last = heap.members.pop();
  if (last === undefined || last === member) return;
  settle(heap, last, index);
}

/** Puts a member right after its order changed. */
export function moveInHeap<T extends HeapMember>(heap: Heap<T>, member: T): void {
  if (member.heapIndex >= 0) settle(heap, member, member.heapIndex);
}

/** The members, first to last, as long as nothing changes; the heap stays as it is. */
export function* inOrder<T extends HeapMember>(heap: Heap<T>): Generator<T, undefined> {
  const { members, isBefore } = heap;
  const open = members.slice(0, 1);
  for (let first = open.pop(); first !== undefined; first = open.pop()) {
    yield first;
    const childIndex = 2 * first.heapIndex + 1;
    for (const child of members.slice(childIndex, childIndex + 2)) {
      const place = open.findLastIndex((each) => isBefore(child, each));
      open.splice(place + 1, 0, child);
    }
  }
}

function settle<T extends HeapMember>(heap: Heap<T>, member: T, index: number): void {
  rise(heap, member, index);
  if (member.heapIndex === index) sink(heap, member, index);
}

function rise<T extends HeapMember>(heap: Heap<T>, member: T, from: number): void {
  const { members, isBefore } = heap;
  let index = from;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = members[parentIndex];
    if (parent === undefined || !isBefore(member, parent)) break;
    put(members, parent, index);
    index = parentIndex;
  }
  put(members, member, index);
}

function sink<T extends HeapMember>(heap: Heap<T>, member: T, from: number): void {
  const { members, isBefore } = heap;
  let index = from;
  for (;;) {
    let childIndex = 2 * index + 1;
    let child = members[childIndex];
    if (child === undefined) break;
    const right = members[childIndex + 1];
    if (right !== undefined && isBefore(right, child)) {
      child = right;
      childIndex += 1;
    }
    if (!isBefore(child, member)) break;
    put(members, child, index);
    index = childIndex;
  }
  put(members, member, index);
}

function put<T extends HeapMember>(members: T[], member: T, index: number): void {
  members[index] = member;
  member.heapIndex = index;
}
