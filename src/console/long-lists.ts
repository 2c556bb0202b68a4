/**
 * Refuses bodies with lists that are longer than anything takes, before a schema looks at their entries: each wrong entry
 * would be a problem of its own, and a body has room for a million.
 */
import type { Api } from './api/app.js';
import { MAX_ITEMS } from '../shared/campaign/contract.js';
import { pointerOf, Problem } from './problem.js';

type Path = readonly (string | number)[];

export function refuseLongLists(app: Api): void {
  app.addHook('preValidation', ({ body }) => {
    const path = longListIn(body);
    if (path === null) return Promise.resolve(undefined);
    const problem = { pointer: pointerOf(path), detail: `it has more than ${MAX_ITEMS} entries` };
    const detail = `${problem.pointer}: ${problem.detail}`;
    return Promise.reject(new Problem('invalid', { detail, problems: [problem] }));
  });
}

/** No schema goes deeper; a body may be as deep as it is long. */
const DEEPEST = 10;

/** Where one is; null: nowhere. */
function longListIn(body: unknown): Path | null {
  const rest: { value: unknown; path: Path }[] = [{ value: body, path: [] }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value) && value.length > MAX_ITEMS) return path;
    if (path.length >= DEEPEST) continue;
    for (const [key, inner] of Object.entries(value)) rest.push({ value: inner, path: [...path, key] });
  }
  return null;
}
