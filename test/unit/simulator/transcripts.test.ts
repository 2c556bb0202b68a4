/**
 * The simulated MANO compared with the recorded runs: the recorded requests must produce the recorded replies.
 *
 * The comparison covers number, order, topic, every property, and the whole body. It excludes ids that the MANO
 * generates, times, network addresses and descriptor ids.
 */
import { load, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { dumpLikePyYaml } from '../../../src/simulator/messages.js';
import type { RuleInput } from '../../../src/simulator/rules.js';
import type { Nsr, Vnfr } from '../../../src/simulator/records.js';
import { firstUnitVim } from '../../../src/simulator/records.js';
import type { WorldSpecInput } from '../../../src/simulator/world-spec.js';
import { SlmOnATable } from '../../support/slm-on-a-table.js';
import {
  isManoReply,
  loadTranscript,
  transcriptNumbers,
  type Transcript,
  type TranscriptMessage,
} from '../../support/transcripts.js';

/** The VIM on which everything was when the recorded runs began. */
const SOURCE_VIM = '48c062b1-ce66-503c-9aa5-23b81f34520c';
const ACK_DELAY_MS = 12;
const MOVE_MS = 1_000;
const LONG_ENOUGH_MS = 200_000;

interface Row {
  /** Which of the requested things exist; by default all of them. */
  world?: (requests: Task[]) => WorldSpecInput;
  rules?: RuleInput[];
  /** The recorded order of acks against finals followed from how busy the machine was. */
  isInterleaved?: boolean;
  /** When the SLM was killed, and when it was back. */
  outage?: { fromMs: number; toMs: number };
}

interface Task {
  service: string;
  vnf: string;
}

const first = (behaviour: RuleInput['behaviour']): RuleInput[] => [{ behaviour, nth: 1 }];

const ROWS: Record<string, Row> = {
  '01': {},
  '02': {},
  '03': {},
  '04': { world: () => ({}) },
  '04b': { world: ([task]) => ({ services: [service('another', task!.vnf)] }) },
  '05': { rules: first('repository-down') },
  '05b': { rules: first('repository-500') },
  '05c': { rules: first('repository-html') },
  '05d': { rules: first('repository-down-after-ack') },
  '05e': { rules: first('repository-refuses-nsr-update') },
  '05f': { rules: first('repository-hangs') },
  '06': {},
  '07': {},
  '08': {},
  '08b': {},
  '09': {},
  '10': { world: ([task]) => ({ services: [service(task!.service, 'a VNF of its own')] }) },
  '10b': {
    world: ([wrong, right]) => ({
      services: [service('another', wrong!.vnf), service(right!.service, right!.vnf)],
    }),
  },
  '10c': {},
  '11': { rules: first('removal-fails') },
  '11b': { rules: first('deploy-fails') },
  '11c': { rules: first('network-fails') },
  '11d': { rules: first('placement-fails') },
  '11f': { rules: first('ia-silent') },
  '12': { outage: { fromMs: 300, toMs: 10_000 } },
  '14': {},
  '15': { isInterleaved: true },
  '16': {},
  '22': {},
};

/** They show no more of the SLM. */
const NOT_REPLAYED: Record<string, string> = {
  '01b': 'the whole bus of 01: the conversations of the SLM with its plugins are not simulated',
  '13': 'the sonmano client: the replies of 01',
  '13c': 'the sonmano client: the replies of 02',
  '13d': 'the sonmano client: the reply of 09',
  '13e': 'the sonmano client: the replies of 01',
  '17b': 'a newer AMQP library: the replies of 01, 02, 06, 10 and 11c',
  '19': "a broker's restart is the bus's part and not the core's",
  '20': 'the Gatekeeper: the replies of 01',
  '20b': 'the Gatekeeper: the reply of 10',
  '20c': 'the Gatekeeper: the replies of 11c',
};

describe('the recorded runs', () => {
  it('are all in the table', () => {
    expect(transcriptNumbers()).toEqual([...Object.keys(ROWS), ...Object.keys(NOT_REPLAYED)].sort());
  });

  it.each(Object.keys(ROWS).map((number) => loadTranscript(number)))('are repeated: $name', (transcript) => {
    const row = ROWS[transcript.number]!;
    const recorded = normalisedReplies(
      transcript.messages.filter(isManoReply).map((message) => ({
        topic: message.routingKey,
        properties: message.properties,
        body: message.body.toString(),
      })),
    );
    const simulated = normalisedReplies(replay(transcript, row));
    const order = row.isInterleaved ? finalsLast : (replies: Reply[]) => replies;
    expect(order(simulated)).toEqual(order(recorded));
  });

  it('are in the style in which replies are written', () => {
    const replies = transcriptNumbers().flatMap((number) =>
      loadTranscript(number).messages.filter(isManoReply),
    );
    expect(replies.length).toBeGreaterThan(60);
    for (const { body } of replies) {
      expect(dumpLikePyYaml(load(body.toString(), { schema: YAML11_SCHEMA }))).toBe(body.toString());
    }
  });

  it('wait for a repository that hangs, whoever asked', () => {
    const transcript = loadTranscript('05f');
    const table = run(transcript, ROWS['05f']!);
    // Also the request that needs no repository for its answer.
    expect(table.sent.map((reply) => Math.floor(reply.atMs / 1_000))).toEqual([60, 60]);
  });
});

interface Reply {
  topic: string;
  properties: Record<string, unknown>;
  /** In the order in which they are written. */
  keys: string[];
  body: Record<string, unknown>;
}

function replay(transcript: Transcript, row: Row): { topic: string; properties: object; body: string }[] {
  return run(transcript, row).sent.map(({ topic, properties, body }) => ({
    topic,
    body,
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [snakeCase(name), value]),
    ),
  }));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function run(transcript: Transcript, row: Row): SlmOnATable {
  const requests = transcript.messages.filter((message) => !isManoReply(message));
  const world = row.world?.(tasksOf(requests)) ?? worldOf(transcript);
  const table = new SlmOnATable({
    world,
    rules: row.rules ?? [],
    timings: { ackDelayMs: ACK_DELAY_MS, migrationMs: { min: MOVE_MS, max: MOVE_MS } },
  });
  for (const request of requests) {
    passTime(table, { untilMs: request.atMs, row });
    if (!isDown(row, request.atMs)) table.receive(incoming(request));
  }
  table.clock.advance(LONG_ENOUGH_MS);
  return table;
}

function passTime(table: SlmOnATable, { untilMs, row }: { untilMs: number; row: Row }): void {
  const killMs = row.outage?.fromMs;
  if (killMs !== undefined && table.nowMs() < killMs && untilMs >= killMs) {
    table.clock.advance(killMs - table.nowMs());
    table.crash();
  }
  table.clock.advance(untilMs - table.nowMs());
}

function isDown({ outage }: Row, atMs: number): boolean {
  return outage !== undefined && atMs >= outage.fromMs && atMs < outage.toMs;
}

function incoming({ routingKey, properties, body }: TranscriptMessage) {
  return {
    routingKey,
    body,
    appId: properties.app_id,
    correlationId: properties.correlation_id,
    replyTo: properties.reply_to,
  };
}

function service(serviceInstanceUuid: string, ...vnfUuids: string[]) {
  return {
    serviceInstanceUuid,
    vnfs: vnfUuids.map((vnfUuid) => ({ vnfUuid, vimUuids: [SOURCE_VIM] })),
  };
}

function fieldsOf({ body }: TranscriptMessage): Record<string, unknown> {
  try {
    return (load(body.toString(), { schema: YAML11_SCHEMA }) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function tasksOf(requests: TranscriptMessage[]): Task[] {
  return requests
    .map(fieldsOf)
    .map((fields) => ({ service: fields['service_instance_uuid'], vnf: fields['vnf_uuid'] }))
    .filter((task): task is Task => typeof task.service === 'string' && typeof task.vnf === 'string');
}

/** The world before the run: what its READYs show, and for the rest what its requests name. */
function worldOf(transcript: Transcript): WorldSpecInput {
  const shown = new Map(
    transcript.messages
      .filter(isManoReply)
      .map((message) => fieldsOf(message) as { nsr?: Nsr; vnfrs?: Vnfr[] })
      .flatMap(({ nsr, vnfrs }) => (nsr && vnfrs ? [[nsr.id, serviceBefore(nsr, vnfrs)] as const] : [])),
  );
  const named = new Map<string, Set<string>>();
  for (const task of tasksOf(transcript.messages.filter((message) => !isManoReply(message)))) {
    if (shown.has(task.service)) continue;
    named.set(task.service, (named.get(task.service) ?? new Set()).add(task.vnf));
  }
  return { services: [...shown.values(), ...[...named].map(([id, vnfs]) => service(id, ...vnfs))] };
}

function serviceBefore(nsr: Nsr, vnfrs: Vnfr[]) {
  const before = nsr.network_functions.map(({ vnfr_id }) => vnfr_id);
  const moved = vnfrs.find(({ id }) => !before.includes(id))!;
  return {
    serviceInstanceUuid: nsr.id,
    vnfs: before.map((vnfUuid) => {
      const stayed = vnfrs.find(({ id }) => id === vnfUuid);
      const vimUuids = [stayed ? firstUnitVim(stayed) : nsr.virtual_links[0]!.vim_id[0]!];
      return { vnfUuid, name: (stayed ?? moved).name, vimUuids };
    }),
  };
}

function normalisedReplies(replies: { topic: string; properties: object; body: string }[]): Reply[] {
  return replies.map(({ topic, properties, body }) => {
    const fields = load(body, { schema: YAML11_SCHEMA }) as { nsr?: Nsr; vnfrs?: Vnfr[] };
    const before = fields.nsr?.network_functions.map(({ vnfr_id }) => vnfr_id) ?? [];
    const newId = fields.vnfrs?.find(({ id }) => !before.includes(id))?.id;
    return {
      topic,
      properties: properties as Record<string, unknown>,
      keys: Object.keys(fields),
      body: normalised(fields, newId) as Record<string, unknown>,
    };
  });
}

const MADE_UP = ['address', 'hardware_address', 'vc_id'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function normalised(value: unknown, newId: string | undefined, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => normalised(item, newId));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, normalised(item, newId, name)]),
    );
  }
  if (key === 'timestamp' || key === 'duration') return Number.isInteger(value) ? 'whole' : typeof value;
  if (MADE_UP.includes(key)) return typeof value;
  if (typeof value !== 'string') return value;
  if (key === 'descriptor_reference' && UUID.test(value)) return 'descriptor';
  return newId === undefined ? value : value.replaceAll(newId, 'the new id');
}

function finalsLast(replies: Reply[]): Reply[] {
  const isAck = ({ body }: Reply): boolean => body['status'] === 'MIGRATING';
  return [...replies.filter(isAck), ...replies.filter((reply) => !isAck(reply))];
}
