/**
 * Serves the built pages: their files as they are, and index.html for every other path, because routes of pages are made in
 * the browser.
 *
 * Invariants: only files of the folder are served; a path of the API that does not exist is a problem, never a page.
 */
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from './api/app.js';
import { Problem } from './problem.js';

const NOT_PAGES = /^\/(?:api|codec|assets)(?:\/|$)/;

export async function servePages(app: Api, directory: string | null): Promise<void> {
  // A scope of its own: only its routes are public.
  await app.register(async (scope) => {
    if (directory !== null) await serveFiles(scope, directory);
    const notFound = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const [path = ''] = request.url.split('?', 1);
      const isPage = directory !== null && ['GET', 'HEAD'].includes(request.method) && !NOT_PAGES.test(path);
      if (!isPage) throw new Problem('not-found', 'the console has no such path');
      return await reply.header('cache-control', 'no-cache').sendFile('index.html');
    };
    scope.setNotFoundHandler({ preHandler: scope.rateLimit() }, notFound);
  });
}

async function serveFiles(scope: FastifyInstance, directory: string): Promise<void> {
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, access: 'public' };
  });
  await scope.register(fastifyStatic, {
    root: directory,
    // A route for each file: whatever is made of a path, no other file can be meant.
    wildcard: false,
    index: false,
    // Names of assets change with their contents.
    setHeaders: (response, path) => {
      const isAsset = path.includes('/assets/');
      response.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
