/** Who is logged in. The token is sent once; the server keeps it in a cookie that scripts cannot read. */
import { useSyncExternalStore } from 'react';
import { clearOutage, noteOutage } from './availability.js';
import { ExternalStore } from './external-store.js';
import { request, whenUnauthenticated } from './http.js';
import { asProblem } from './problem.js';
import type { Deployment, Session } from './types.js';

export type SessionState =
  | { kind: 'unknown' }
  /** A token is needed. */
  | { kind: 'logged-out' }
  | { kind: 'present'; session: Session; deployment: Deployment | null };

const store = new ExternalStore<SessionState>({ kind: 'unknown' });
const RETRY_MS = 2_000;

whenUnauthenticated(() => store.set({ kind: 'logged-out' }));

export function useSession(): SessionState {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Whether who looks at the page may give orders. */
export function useIsOperator(): boolean {
  const state = useSession();
  return state.kind === 'present' && state.session.role === 'operator';
}

/** Asks until the console answers. */
export async function loadSession(): Promise<void> {
  try {
    await take(await request<Session>('/session'));
    clearOutage('/session');
  } catch (error) {
    const { code, message } = asProblem(error);
    if (code === 'unauthenticated') return;
    if (code !== 'unreachable') noteOutage('/session', message);
    setTimeout(() => void loadSession(), RETRY_MS);
  }
}

/** @throws ApiProblem */
export async function logIn(token: string): Promise<void> {
  await take(await request<Session>('/session', { method: 'POST', body: { token } }));
}

export async function logOut(): Promise<void> {
  await request('/session', { method: 'DELETE' });
  store.set({ kind: 'unknown' });
  await loadSession();
}

/** The pages work without knowing the deployment; only the header is shorter. */
async function take(session: Session): Promise<void> {
  const deployment = await request<Deployment>('/deployment').catch(() => null);
  store.set({ kind: 'present', session, deployment });
}
