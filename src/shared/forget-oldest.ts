/** What bounds the memory of a process: a `Map` or a `Set` keeps the order in which its keys came. */
export interface Kept<Key> {
  readonly size: number;
  keys(): Iterable<Key>;
  delete(key: Key): boolean;
}

/** Forgets the keys that came first, until no more than `most` are left. */
export function forgetOldest<Key>(kept: Kept<Key>, most: number): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(oldest);
  }
}
