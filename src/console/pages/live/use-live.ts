/** A live store for as long as a component shows it. */
import { useEffect, useState, useSyncExternalStore } from 'react';

/** What is live: it can be watched, and is closed when nobody does. */
interface LiveStore<Live> {
  readonly subscribe: (onChange: () => void) => () => void;
  readonly get: () => Live;
  close(): void;
}

/** Null for a moment: the store is opened after the first frame. */
export function useLiveStore<Store extends LiveStore<unknown>>(
  Opened: new (id: string) => Store,
  id: string,
): Store | null {
  const [store, setStore] = useState<Store | null>(null);
  useEffect(() => {
    const opened = new Opened(id);
    setStore(opened);
    return () => {
      opened.close();
      setStore(null);
    };
  }, [Opened, id]);
  return store;
}

export function useLive<Live>(store: LiveStore<Live>): Live {
  return useSyncExternalStore(store.subscribe, store.get);
}
