/** One migration, live, for as long as a component shows it. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { MigrationStore, type MigrationLive } from './migration-store.js';

/** Null for a moment: the store is opened after the first frame. */
export function useMigrationStore(id: string): MigrationStore | null {
  const [store, setStore] = useState<MigrationStore | null>(null);
  useEffect(() => {
    const opened = new MigrationStore(id);
    setStore(opened);
    return () => {
      opened.close();
      setStore(null);
    };
  }, [id]);
  return store;
}

export function useMigrationLive(store: MigrationStore): MigrationLive {
  return useSyncExternalStore(store.subscribe, store.get);
}
