/**
 * The text of a receivers file → receivers, by name.
 *
 *   ops:
 *     url: https://ops.example/hooks/campaigns
 *     secret: whsec_…            # openssl rand -base64 32, after "whsec_"
 *     events: [item-failed, ended]
 *
 * Invariants: a file is taken whole or refused whole, every problem named; a problem repeats nothing of the file but the
 * names of its receivers, because addresses and keys with a slip in them are secrets still.
 */
import { readFileSync } from 'node:fs';
import { loadAll, YAMLException } from 'js-yaml';
import { z } from 'zod';
import { NOTIFY_EVENTS, receiverNameSchema } from '../shared/notify/contract.js';
import { Receiver, type Receivers } from './receiver.js';

export type ParsedReceivers =
  { kind: 'receivers'; receivers: Receivers } | { kind: 'wrong'; problems: readonly [string, ...string[]] };

const HOW = 'expected a name for each receiver, with its url and secret';
const URL_HOW = 'expected an http or https URL such as https://ops.example/hooks, without a fragment';
const SECRET_HOW =
  'expected a secret of Standard Webhooks: whsec_ and 24 to 64 random bytes in base64 (openssl rand -base64 32)';
const EVENTS_HOW = 'expected a list of events such as [item-failed, ended]; without it all are sent';
const EVENT_HOW = `expected one of ${NOTIFY_EVENTS.join(', ')}`;
const FIELDS_HOW = 'expected url, secret and events, and nothing else';

const SECRET = /^whsec_(.+)$/;
const [SHORTEST_KEY_BYTES, LONGEST_KEY_BYTES] = [24, 64];

const receiverSchema = z.strictObject(
  {
    url: z.string({ error: URL_HOW }).refine(isHttpUrl, { error: URL_HOW }),
    secret: z.string({ error: SECRET_HOW }).refine(isSecret, { error: SECRET_HOW }),
    events: z
      .array(z.enum(NOTIFY_EVENTS, { error: EVENT_HOW }), { error: EVENTS_HOW })
      .min(1, { error: EVENTS_HOW })
      .optional(),
  },
  { error: FIELDS_HOW },
);

/** A problem does not repeat the path: a user may have set the secret in its place by mistake. */
export function readReceivers(path: string): ParsedReceivers {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is no file';
    return { kind: 'wrong', problems: [`the file cannot be read: ${reason}`] };
  }
  return parseReceivers(text);
}

export function parseReceivers(text: string): ParsedReceivers {
  let documents: unknown[];
  try {
    documents = loadAll(text);
  } catch (error) {
    return { kind: 'wrong', problems: [`it is not YAML${placeOf(error)}`] };
  }
  const [content, ...others] = documents;
  if (typeof content !== 'object' || content === null || Array.isArray(content) || others.length > 0) {
    return { kind: 'wrong', problems: [HOW] };
  }
  const read = Object.entries(content).map(([name, settings], index) =>
    receiverOf({ name, settings, index }),
  );
  const [problem, ...problems] = read.flatMap((one) => ('problems' in one ? one.problems : []));
  if (problem !== undefined) return { kind: 'wrong', problems: [problem, ...problems] };
  if (read.length === 0) return { kind: 'wrong', problems: [HOW] };
  const receivers = new Map(read.flatMap((one) => ('receiver' in one ? [[one.name, one.receiver]] : [])));
  return { kind: 'receivers', receivers };
}

/** js-yaml's own words quote the file. */
function placeOf(error: unknown): string {
  const mark = error instanceof YAMLException ? error.mark : undefined;
  return mark === undefined ? '' : ` (line ${mark.line + 1}, column ${mark.column + 1})`;
}

interface Entry {
  name: string;
  settings: unknown;
  index: number;
}

function receiverOf({
  name,
  settings,
  index,
}: Entry): { name: string; receiver: Receiver } | { problems: string[] } {
  const named = receiverNameSchema().safeParse(name);
  const who = named.success ? `receiver ${name}` : `receiver ${index + 1} of the file`;
  const parsed = receiverSchema.safeParse(settings);
  const problems = [
    ...(named.success ? [] : named.error.issues.map(({ message }) => `${who}: ${message}`)),
    ...(parsed.error?.issues ?? []).map(
      ({ path, message }) => `${[who, ...path.map(fieldName)].join(': ')}: ${message}`,
    ),
  ];
  if (problems.length > 0 || !parsed.success) return { problems };
  return { name, receiver: new Receiver(parsed.data) };
}

function fieldName(part: PropertyKey): string {
  return typeof part === 'number' ? `number ${part + 1}` : String(part);
}

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && hostname !== '' && hash === '';
}

function isSecret(text: string): boolean {
  const [, base64 = ''] = SECRET.exec(text) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  // Buffer takes whatever it can: what it made must be what was written.
  if (bytes.toString('base64') !== base64) return false;
  return bytes.length >= SHORTEST_KEY_BYTES && bytes.length <= LONGEST_KEY_BYTES;
}
