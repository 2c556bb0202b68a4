/**
 * What does not answer at present, and since when: the console itself, or a part behind it.
 *
 * Invariant: an entry is there from the first failure until the same path answers, or nobody asks for it any more.
 */
import { useSyncExternalStore } from 'react';
import { ExternalStore } from './external-store.js';

export interface Outage {
  sinceMs: number;
  detail: string;
}

/** By the path that was asked for; `''` is the console itself. */
type Outages = ReadonlyMap<string, Outage>;

const CONSOLE = '';
const outages = new ExternalStore<Outages>(new Map());

export function noteOutage(path: string, detail: string): void {
  const known = outages.get().get(path);
  if (known?.detail === detail) return;
  const outage = { sinceMs: known?.sinceMs ?? Date.now(), detail };
  outages.set(new Map(outages.get()).set(path, outage));
}

export function clearOutage(path: string): void {
  if (!outages.get().has(path)) return;
  const left = new Map(outages.get());
  left.delete(path);
  outages.set(left);
}

export function noteUnreachable(): void {
  noteOutage(CONSOLE, 'The console does not answer.');
}

export function noteReachable(): void {
  clearOutage(CONSOLE);
}

export interface Availability {
  /** Of the console itself. */
  console: Outage | null;
  /** Of what is behind it: each text once, with its earliest time. */
  parts: Outage[];
}

export function useAvailability(): Availability {
  return availabilityOf(useSyncExternalStore(outages.subscribe, outages.get));
}

function availabilityOf(all: Outages): Availability {
  const parts = new Map<string, Outage>();
  for (const [path, outage] of all) {
    const known = parts.get(outage.detail);
    if (path === CONSOLE || (known !== undefined && known.sinceMs <= outage.sinceMs)) continue;
    parts.set(outage.detail, outage);
  }
  return { console: all.get(CONSOLE) ?? null, parts: [...parts.values()] };
}
