/**
 * Reads a path of the API, and reads it again at an interval.
 *
 * Invariants: what was read stays shown while a newer read fails. A failure that may pass is tried again by itself, and is
 * in the list of outages until it has passed.
 */
import { useCallback, useEffect, useState } from 'react';
import { clearOutage, noteOutage } from './availability.js';
import { request } from './http.js';
import { asProblem, type ApiProblem } from './problem.js';

const RETRY_MS = 4_000;

export interface Query<Answer> {
  data: Answer | null;
  problem: ApiProblem | null;
  isLoading: boolean;
  reload: () => void;
}

interface Read<Answer> {
  path: string | null;
  data: Answer | null;
  problem: ApiProblem | null;
}

/** `path` null: nothing is read. */
export function useQuery<Answer>(
  path: string | null,
  { everyMs = null }: { everyMs?: number | null } = {},
): Query<Answer> {
  const [read, setRead] = useState<Read<Answer>>({ path, data: null, problem: null });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    if (path === null) return;
    return repeat<Answer>({ path, everyMs, tell: (change) => setRead((before) => change(before)) });
  }, [path, everyMs, round]);
  const isPresent = read.path === path;
  return {
    data: isPresent ? read.data : null,
    problem: isPresent ? read.problem : null,
    isLoading: path !== null && (!isPresent || (read.data === null && read.problem === null)),
    reload,
  };
}

interface Repeated<Answer> {
  path: string;
  everyMs: number | null;
  tell: (change: (before: Read<Answer>) => Read<Answer>) => void;
}

/** Returns what ends it. */
function repeat<Answer>({ path, everyMs, tell }: Repeated<Answer>): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const readAgainIn = (ms: number | null): void => {
    if (ms !== null && !signal.aborted) timer = setTimeout(() => void readOnce(), ms);
  };
  const readOnce = async (): Promise<void> => {
    // Nobody looks at a hidden page.
    if (document.hidden && everyMs !== null) {
      readAgainIn(everyMs);
      return;
    }
    try {
      const data = await request<Answer>(path, { signal });
      clearOutage(path);
      tell(() => ({ path, data, problem: null }));
      readAgainIn(everyMs);
    } catch (error) {
      if (signal.aborted) return;
      const problem = asProblem(error);
      if (problem.code === 'unavailable') noteOutage(path, problem.message);
      tell((before) => ({ path, data: before.path === path ? before.data : null, problem }));
      readAgainIn(problem.isPassing ? RETRY_MS : everyMs);
    }
  };
  void readOnce();
  return () => {
    controller.abort();
    clearTimeout(timer);
    clearOutage(path);
  };
}
