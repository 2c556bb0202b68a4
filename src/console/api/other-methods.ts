/**
 * Where a path is there, but not with the method of the request, the answer says so, and which ones there are (RFC 9110).
 *
 * Invariant: it is answered before a login is asked for, because the description of the API, which is public, says it too.
 */
import { Problem } from '../problem.js';
import type { Api } from './app.js';

interface Path {
  pattern: RegExp;
  methods: Set<string>;
}

/** To be called before there are routes. */
export function refuseOtherMethods(app: Api): void {
  const paths = new Map<string, Path>();
  app.addHook('onRoute', ({ url, method }) => {
    // What takes every path below it says nothing of one.
    if (url.includes('*')) return;
    const { methods } = paths.get(url) ?? { methods: new Set() };
    for (const each of [method].flat()) methods.add(each);
    paths.set(url, { pattern: patternOf(url), methods });
  });
  app.addHook('preParsing', (request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const found = request.is404 ? [...paths.values()].find(({ pattern }) => pattern.test(path)) : undefined;
    if (found === undefined) return Promise.resolve(undefined);
    const allowed = [...found.methods].sort().join(', ');
    reply.header('allow', allowed);
    return Promise.reject(new Problem('method', `${path} takes ${allowed}`));
  });
}

/** `/campaigns/:id/items` → what its paths look like. */
function patternOf(url: string): RegExp {
  const parts = url
    .split('/')
    .map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[^\w-]/g, String.raw`\$&`)));
  return new RegExp(`^${parts.join('/')}$`);
}
