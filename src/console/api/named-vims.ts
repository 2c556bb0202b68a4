/**
 * Bodies in which a VIM may be named by its name, and what they become.
 *
 * Invariants: every name that cannot be resolved, and every field that is wrong, is one problem at its place in the body;
 * the list of VIMs is queried at most once a request, and only where a name is to be found on it.
 */
import { z } from 'zod';
import { defaultName, nameProblem } from '../../client/campaign-name.js';
import {
  campaignItemSchema,
  campaignSpecSchema,
  type CampaignInput,
  type CampaignItemInput,
  type CampaignSpec,
} from '../../shared/campaign/contract.js';
import { vimResolver, withVimUuids, type NameProblem } from '../../vims/names.js';
import type { ConsoleContext } from '../context.js';
import { pointerOf, Problem, problemsAt, type OneProblem } from '../problem.js';

type Fields = Record<string, unknown>;

const VIM = { type: 'string', minLength: 1, maxLength: 200, description: 'a VIM, by name or uuid' };

/** A campaign as callers write it. It is checked whole when its VIMs are known. */
export const campaignBodySchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'CampaignSpecification', ...jsonSchemaWithNames(campaignSpecSchema()) });

/** Items as callers write them. */
export const itemBodySchema = z
  .record(z.string(), z.unknown())
  .meta({ id: 'CampaignItemOrder', ...jsonSchemaWithNames(campaignItemSchema()) });

/** What is started, or planned. */
export interface NamedCampaign {
  name: string;
  input: CampaignInput;
  spec: CampaignSpec;
}

/** @throws Problem that names all that is wrong, below `/campaign` */
export async function namedCampaign(
  context: Pick<ConsoleContext, 'vimList'>,
  { name, campaign }: { name?: string | undefined; campaign: Fields },
): Promise<NamedCampaign> {
  const { input, problems } = await withUuids(context, campaign);
  const parsed = campaignSpecSchema().safeParse(input);
  const wrong = [
    ...(name === undefined ? [] : wrongName(name)),
    ...problems.map((problem) => located('/campaign', problem)),
    ...(parsed.success ? [] : problemsAt('/campaign', parsed.error)),
  ];
  if (wrong.length > 0 || !parsed.success) throw invalid('the campaign is wrong', wrong);
  const checked = input as CampaignInput;
  return { name: name ?? defaultName(checked), input: checked, spec: parsed.data };
}

/** The body of `add-items`. @throws Problem that names all that is wrong, below `/items` */
export async function itemsWithNames(
  context: Pick<ConsoleContext, 'vimList'>,
  body: Fields,
): Promise<Fields & { items: CampaignItemInput[] }> {
  const { rows, problems } = await rowsWithUuids(context, { rows: body['items'], pointer: '/items' });
  const parsed = z.array(campaignItemSchema()).safeParse(rows);
  const wrong = [...problems, ...(parsed.success ? [] : problemsAt('/items', parsed.error))];
  if (wrong.length > 0) throw invalid('the items are wrong', wrong);
  return { ...body, items: rows as CampaignItemInput[] };
}

/** Rows that may have a `vimUuid` each, at a place in the body. */
export async function rowsWithUuids(
  context: Pick<ConsoleContext, 'vimList'>,
  { rows, pointer }: { rows: unknown; pointer: string },
): Promise<{ rows: unknown; problems: OneProblem[] }> {
  const { input, problems } = await withUuids(context, { items: rows });
  const found = problems.map(({ path: [, ...path], message }) => located(pointer, { path, message }));
  return { rows: input['items'], problems: found };
}

/** A VIM by name or uuid → its uuid. @throws Problem at that place */
export async function namedVim(
  context: Pick<ConsoleContext, 'vimList'>,
  { text, pointer }: { text: string; pointer: string },
): Promise<string> {
  const { uuid, problems } = await problemsOfName(context, { text, pointer });
  if (problems.length > 0) throw invalid('the VIM is not known', problems);
  return uuid;
}

/** Its uuid, or what is wrong with the name and a uuid that stands for it, so that nothing else is found wrong with it. */
export async function problemsOfName(
  context: Pick<ConsoleContext, 'vimList'>,
  { text, pointer }: { text: string; pointer: string },
): Promise<{ uuid: string; problems: OneProblem[] }> {
  const { input, problems } = await withUuids(context, { target: { vimUuid: text } });
  const { vimUuid } = input['target'] as { vimUuid: string };
  return { uuid: vimUuid, problems: problems.map(({ message }) => ({ pointer, detail: message })) };
}

function wrongName(name: string): OneProblem[] {
  const problem = nameProblem(name);
  return problem === null ? [] : [{ pointer: '/name', detail: problem }];
}

function withUuids({ vimList }: Pick<ConsoleContext, 'vimList'>, input: Fields) {
  return withVimUuids(
    input,
    vimResolver(() => vimList()),
  );
}

function located(pointer: string, { path, message }: NameProblem): OneProblem {
  return { pointer: `${pointer}${pointerOf(path)}`, detail: message };
}

export function invalid(what: string, problems: OneProblem[]): Problem {
  const all = problems.map(({ pointer = '', detail }) => `${pointer}: ${detail}`);
  return new Problem('invalid', { detail: `${what}: ${all.slice(0, MOST_IN_DETAIL).join('; ')}`, problems });
}

const MOST_IN_DETAIL = 5;

/** The schema of the contract, in which each VIM may be a name, too. */
export function jsonSchemaWithNames(schema: z.ZodType): Fields {
  const described: Fields = { ...z.toJSONSchema(schema, { io: 'input' }) };
  delete described['$schema'];
  return vimsByName(described) as Fields;
}

function vimsByName(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(vimsByName);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (key === 'vimUuid') return [key, VIM];
      if (key === 'vims') return [key, { ...(value as Fields), items: VIM }];
      return [key, vimsByName(value)];
    }),
  );
}
