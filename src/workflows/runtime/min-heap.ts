/** A priority queue: the least first. Equal ones come in no certain order, so give them none. */
export class MinHeap<T> {
  private readonly items: T[] = [];

  constructor(private readonly rankOf: (item: T) => number) {}

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    const { items, rankOf } = this;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (rankOf(items[parent] as T) <= rankOf(item)) break;
      items[at] = items[parent] as T;
      at = parent;
    }
    items[at] = item;
  }

  pop(): T | undefined {
    const { items } = this;
    const least = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.sink(last);
    return least;
  }

  /** Puts `item` into the hole at the top. */
  private sink(item: T): void {
    const { items, rankOf } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && rankOf(items[child + 1] as T) < rankOf(items[child] as T)) child += 1;
      if (rankOf(item) <= rankOf(items[child] as T)) break;
      items[at] = items[child] as T;
      at = child;
    }
    items[at] = item;
  }
}
