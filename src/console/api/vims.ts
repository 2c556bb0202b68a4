/** The VIMs, and what is on them. */
import { z } from 'zod';
import { findOrphans } from '../../doctor/repository.js';
import { VIM_TYPES } from '../../shared/vim/vim.js';
import { vimOverview, type VimOverview } from '../../vims/overview.js';
import type { ConsoleContext } from '../context.js';
import { SharedAnswers } from '../shared-answers.js';
import { Problem } from '../problem.js';
import { json, problems, type Api } from './app.js';
import { namedVim } from './named-vims.js';

const usageSchema = z.object({ used: z.number(), total: z.number() }).nullable();

const vimSchema = z.object({
  uuid: z.string(),
  name: z.string().nullable(),
  city: z.string().nullable(),
  type: z.enum(VIM_TYPES).nullable(),
  cores: usageSchema,
  memoryMb: usageSchema,
  /** VNFs that live there; null without a repository. */
  vnfs: z.int().nullable(),
  movingIn: z.int(),
  movingOut: z.int(),
});

const orphansSchema = z.object({
  vimUuid: z.string(),
  orphans: z.array(
    z.object({
      vnfUuid: z.string(),
      status: z.string().nullable(),
      descriptorReference: z.string().nullable(),
    }),
  ),
  /** VNFs there that services list. */
  listed: z.int(),
});

const tags = ['vims'];

/** A list of VIMs is a query to the MANO, which takes up to 20 s. */
const VALID_MS = 5_000;
const ANSWER_WITHIN_MS = 45_000;

export function vimRoutes(api: Api, context: ConsoleContext): void {
  const { client, config } = context;
  const overviews = new SharedAnswers<VimOverview>(VALID_MS);
  const overview = () =>
    client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => vimOverview(config, client));
  api.get(
    '/vims',
    {
      schema: {
        ...{ tags, summary: 'The VIMs: their load, the VNFs there, and what moves now' },
        response: { 200: json(z.object({ vims: z.array(vimSchema) }), 'by name'), ...problems() },
      },
    },
    async () => {
      const read = await overviews.get('all', overview);
      if (read.kind === 'unavailable') throw new Problem('unavailable', `no list of VIMs: ${read.reason}`);
      return { vims: read.vims };
    },
  );
  api.get(
    '/vims/:vim/orphans',
    {
      schema: {
        ...{ tags, summary: 'VNFs on a VIM that no service lists' },
        params: z.object({ vim: z.string().min(1).max(200) }),
        response: { 200: json(orphansSchema, 'what was found'), ...problems() },
      },
    },
    async ({ params: { vim } }) => {
      if (context.config.repositoryUrl === null)
        throw new Problem('unavailable', 'orphans are found in the repository: set REPOSITORY_URL');
      const vimUuid = await namedVim(context, { text: vim, pointer: '/vim' });
      return { vimUuid, ...(await findOrphans(context.config, vimUuid)) };
    },
  );
}
