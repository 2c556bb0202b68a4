/** One campaign, live, for as long as a component shows it. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { CampaignLive } from './campaign-state.js';
import { CampaignStore } from './campaign-store.js';

/** Null for a moment: the store is opened after the first frame. */
export function useCampaignStore(id: string): CampaignStore | null {
  const [store, setStore] = useState<CampaignStore | null>(null);
  useEffect(() => {
    const opened = new CampaignStore(id);
    setStore(opened);
    return () => {
      opened.close();
      setStore(null);
    };
  }, [id]);
  return store;
}

export function useCampaignLive(store: CampaignStore): CampaignLive {
  return useSyncExternalStore(store.subscribe, store.get);
}
