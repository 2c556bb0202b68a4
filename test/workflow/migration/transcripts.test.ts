/**
 * The recorded runs of the real MANO, played back to live migrations. Order, topics, properties and bodies are the
 * recorded ones, with the ids of the live migration in place of the recorded ids. Waits are shortened.
 */
import { randomUUID } from 'node:crypto';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { describe, expect } from 'vitest';
import { MIGRATE_TOPIC } from '../../../src/mano/topics.js';
import type { FailureType } from '../../../src/shared/migration/failures.js';
import type { Evidence, PolicyInput } from '../../../src/shared/migration/contract.js';
import { it, type Rig } from '../../support/rig.js';
import { busy, free, silence, type ScriptedReply, type Script } from '../../support/scripted-mano.js';
import { newTask, type Task } from '../../support/tasks.js';
import {
  isManoReply,
  loadTranscript,
  transcriptNumbers,
  type TranscriptMessage,
} from '../../support/transcripts.js';

/** What the repository holds; a READY that is played moves the VNF in it. */
type Records =
  /** The VNF where it was, unless a READY is played. */
  | 'as it was'
  /** The same, and after the first request a copy on the target that no service lists. */
  | 'a copy left'
  | 'on the target'
  | 'no such service'
  | 'VNF not listed'
  /** Answers 500. */
  | 'broken';

interface Verdict {
  outcome: 'migrated' | 'already-there' | FailureType;
  evidence?: Evidence;
  /** Of a failure. */
  retryable?: boolean;
  /** Migration requests that left; where it is not given, at least one. */
  requests?: number;
  /** In the failure's message. */
  says?: string;
}

interface Row {
  what: string;
  /** How the MANO answered probes at that time; by default not at all. */
  probe?: 'busy' | 'free';
  /** The conversations of the same transcript that answer later requests; by default the same one again. */
  then?: number[];
  policy?: PolicyInput;
  alone: Verdict;
  records: Records;
  withRecords: Verdict;
}

const migrated = (evidence: Evidence = 'reply', requests = 1): Verdict => ({
  outcome: 'migrated',
  evidence,
  requests,
});
const alreadyThere = (evidence: Evidence, requests: number): Verdict => ({
  outcome: 'already-there',
  evidence,
  requests,
});
/** The end: nobody may try again without a look. */
const fails = (outcome: FailureType, rest: Partial<Verdict> = { requests: 1 }): Verdict => ({
  outcome,
  retryable: false,
  ...rest,
});
/** A caller's retry policy does no harm. */
const mayBeRetried = (outcome: FailureType, rest: Partial<Verdict> = {}): Verdict => ({
  outcome,
  retryable: true,
  ...rest,
});
const NOTHING_SENT = fails('MigrationRejected', { requests: 0 });

const success: Row = { what: 'success', alone: migrated(), records: 'as it was', withRecords: migrated() };
const locked: Row = {
  what: 'refused: a workflow that never ends holds the service',
  policy: { busyTimeout: 400 },
  alone: mayBeRetried('ServiceBusy'),
  records: 'as it was',
  withRecords: mayBeRetried('ServiceBusy'),
};
const busyOnce: Row = {
  ...locked,
  what: 'refused: the first request is at work; then success',
  policy: {},
  then: [0],
  alone: migrated('reply', 2),
  withRecords: migrated('reply', 2),
};
const lockedAfterAck: Row = {
  what: 'taken, then silence, and the service locked for ever',
  probe: 'busy',
  policy: { finalTimeout: 300, deadline: 2_500 },
  alone: fails('MigrationOutcomeUnknown', { requests: 1, says: 'the MANO must be restarted' }),
  records: 'as it was',
  withRecords: fails('MigrationOutcomeUnknown', { requests: 1, says: 'the MANO must be restarted' }),
};
const malformed: Row = {
  what: 'refused: malformed',
  alone: fails('MigrationRejected'),
  records: 'as it was',
  withRecords: fails('MigrationRejected'),
};
const onTarget: Row = {
  what: 'refused: it is on that VIM already',
  alone: alreadyThere('reply', 1),
  records: 'on the target',
  withRecords: alreadyThere('repository', 0),
};
const unknownVnf: Row = {
  what: 'refused: no such VNF',
  alone: fails('MigrationRejected', { requests: 1, says: '404' }),
  records: 'VNF not listed',
  withRecords: NOTHING_SENT,
};
const manoCannotRead: Row = {
  what: "refused: the MANO's repository failed",
  policy: { busyTimeout: 400 },
  alone: mayBeRetried('MigrationRejected'),
  records: 'broken',
  withRecords: mayBeRetried('MigrationRejected', { requests: 0 }),
};
const unheard: Row = {
  what: 'not even read: no reply at all',
  probe: 'free',
  policy: { ackTimeout: 300, maxAttempts: 2 },
  alone: fails('MigrationNotAcknowledged', { requests: 2 }),
  records: 'as it was',
  withRecords: mayBeRetried('MigrationNotAcknowledged', { requests: 2 }),
};
/** The infrastructure failed before anything was deployed; the recorded second request succeeded. */
const failedThenMoved: Row = {
  what: 'failed at the end; a second request succeeds',
  then: [1],
  alone: fails('MigrationFailed'),
  records: 'as it was',
  withRecords: migrated('reply', 2),
};

/** Transcript / conversation, counted from 0 in the order of the requests. */
const ROWS: Record<string, Row> = {
  '01/0': success,
  '01b/0': success,
  '02/0': success,
  '02/1': busyOnce,
  '03/0': { ...success, what: 'sent twice: MIGRATING, "still going on", READY with one correlation id' },
  '04/0': { ...unknownVnf, records: 'no such service' },
  '04b/0': { ...lockedAfterAck, records: 'no such service', withRecords: NOTHING_SENT },
  '04b/1': { ...locked, records: 'no such service', withRecords: NOTHING_SENT },
  '05/0': manoCannotRead,
  '05b/0': manoCannotRead,
  '05c/0': manoCannotRead,
  '05d/0': lockedAfterAck,
  '05d/1': locked,
  '05e/0': { ...lockedAfterAck, records: 'a copy left' },
  '05e/1': { ...locked, records: 'a copy left' },
  '05f/0': manoCannotRead,
  '05f/1': malformed,
  '06/0': malformed,
  '06/1': malformed,
  '06/2': malformed,
  '06/3': malformed,
  '07/0': {
    what: 'answered without a correlation id, which is no answer to anybody',
    policy: { ackTimeout: 300, maxProbes: 2 },
    alone: fails('MigrationNotAcknowledged'),
    records: 'as it was',
    withRecords: fails('MigrationNotAcknowledged'),
  },
  '08/0': malformed,
  '08/1': malformed,
  '08/2': malformed,
  '08/3': malformed,
  '08/4': malformed,
  '08b/0': unheard,
  '08b/5': onTarget,
  '09/0': onTarget,
  '10/0': unknownVnf,
  '10b/0': { ...lockedAfterAck, records: 'VNF not listed', withRecords: NOTHING_SENT },
  '10b/1': { ...locked, records: 'VNF not listed', withRecords: NOTHING_SENT },
  '10c/0': unheard,
  '10c/2': { ...success, what: 'success on a VIM that the records leave open' },
  '11/0': {
    what: 'the old VNF could not be removed, the new one runs',
    alone: fails('MigrationFailed', { requests: 1, says: 'a copy of it runs on the target VIM' }),
    records: 'a copy left',
    withRecords: fails('MigrationFailed', { requests: 1, says: 'on the target VIM: ' }),
  },
  '11/1': success,
  '11b/0': failedThenMoved,
  '11b/1': success,
  '11c/0': failedThenMoved,
  '11c/1': success,
  '11d/0': {
    ...failedThenMoved,
    what: 'no placement, and the service locked for ever',
    policy: { busyTimeout: 400 },
    withRecords: mayBeRetried('ServiceBusy'),
  },
  '11d/1': locked,
  '11f/0': lockedAfterAck,
  '11f/1': locked,
  '12/0': {
    what: 'the MANO was killed and started again',
    probe: 'free',
    then: [2],
    policy: { finalTimeout: 300 },
    alone: fails('MigrationOutcomeUnknown'),
    records: 'as it was',
    withRecords: migrated('reply', 2),
  },
  '12/1': {
    ...unheard,
    what: 'sent while the MANO was down; a second request succeeds',
    then: [2],
    alone: migrated('reply', 2),
    withRecords: migrated('reply', 2),
  },
  '12/2': success,
  '13/0': success,
  '13c/0': success,
  '13c/1': busyOnce,
  '13d/0': onTarget,
  '13e/0': success,
  '14/0': success,
  '14/1': { ...lockedAfterAck, records: 'VNF not listed', withRecords: NOTHING_SENT },
  '14/2': locked,
  ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`15/${index}`, success])),
  '16/0': malformed,
  '17b/0': success,
  '17b/1': busyOnce,
  '17b/2': unknownVnf,
  '17b/3': malformed,
  '17b/4': { ...failedThenMoved, then: [0] },
  '19/0': {
    ...lockedAfterAck,
    what: 'the broker was restarted and the MANO deaf: silence, probes unanswered',
    alone: fails('MigrationOutcomeUnknown', { requests: 1, says: 'deadline over' }),
    withRecords: fails('MigrationOutcomeUnknown', { requests: 1, says: 'deadline over' }),
  },
  '20/0': success,
  '20b/0': unknownVnf,
  '20c/0': {
    ...failedThenMoved,
    then: [],
    policy: { maxAttempts: 1 },
    withRecords: mayBeRetried('MigrationFailed', { requests: 1 }),
  },
  '22/0': onTarget,
};

const LEFT_OUT: Record<string, string> = {
  '08b/1': 'no reply, as 08b/0',
  '08b/2': 'no reply, as 08b/0',
  '08b/3': 'no reply, as 08b/0',
  '08b/4': 'no reply, as 08b/0',
  '10c/1': 'no reply, as 10c/0',
  '22/1': "no reply: it carries the MANO's own app_id, which the settings refuse",
};

interface Conversation {
  request: TranscriptMessage;
  /** All that came after the request: others' messages, too, which must not matter. */
  replies: TranscriptMessage[];
}

describe('the recorded runs', () => {
  it('are all in the table', () => {
    const all = transcriptNumbers().flatMap((number) =>
      conversationsOf(number).map((_, index) => `${number}/${index}`),
    );
    expect([...Object.keys(ROWS), ...Object.keys(LEFT_OUT)].sort()).toEqual(all.sort());
  });

  it('of the left out have no reply', () => {
    for (const key of Object.keys(LEFT_OUT)) expect(ownReplies(conversationAt(key))).toEqual([]);
  });
});

describe.concurrent('played back without a repository', () => {
  it.for(Object.entries(ROWS))('%s', async ([key, row], { rig }) => {
    const scene = sceneOf(key, row);
    await play(rig, { scene, row });
    await check(rig, { scene, verdict: row.alone });
  });
});

describe.concurrent('played back with a repository', () => {
  it.for(Object.entries(ROWS))('%s', async ([key, row], { rigWithRepository: rig }) => {
    const scene = sceneOf(key, row);
    prepareRecords(rig, { scene, records: row.records });
    await play(rig, { scene, row });
    await check(rig, { scene, verdict: row.withRecords });
  });
});

interface Scene {
  task: Task;
  /** The answers to the first request, the second, and so on; the last of them to all that follow. */
  conversations: Conversation[];
  /** A recorded id → the one that takes its place. */
  replaced: (text: string) => string;
  workflowId: string;
}

function sceneOf(key: string, row: Row): Scene {
  const [number = ''] = key.split('/');
  const first = conversationAt(key);
  const later = (row.then ?? []).map((index) => conversationsOf(number)[index]!);
  const conversations = [first, ...later];
  const fields = fieldsOf(first.request);
  const names = new Map<string, string>();
  const replaced = (text: string): string =>
    text.replace(UUID, (id) => {
      const name = names.get(id) ?? randomUUID();
      names.set(id, name);
      return name;
    });
  const id = (field: string): string => {
    const value = fields[field];
    return typeof value === 'string' && value.match(UUID)?.[0] === value ? replaced(value) : randomUUID();
  };
  // Another service's conversation stands in for a later answer to ours.
  const ids = {
    serviceInstanceUuid: id('service_instance_uuid'),
    vnfUuid: id('vnf_uuid'),
    vimUuid: id('vim_uuid'),
  };
  for (const { request } of later) {
    const other = fieldsOf(request);
    names.set(String(other['service_instance_uuid']), ids.serviceInstanceUuid);
    names.set(String(other['vnf_uuid']), ids.vnfUuid);
    names.set(String(other['vim_uuid']), ids.vimUuid);
  }
  const newId = conversations.map(newVnfUuidIn).find((found) => found !== null);
  const policy = {
    ackTimeout: '10s',
    finalTimeout: '10s',
    probeTimeout: 200,
    deadline: '30s',
    ...row.policy,
  } as const;
  const task = newTask(policy, { ...ids, ...(newId == null ? {} : { newVnfUuid: replaced(newId) }) });
  return { task, conversations, replaced, workflowId: `transcript/${key}/${randomUUID()}` };
}

function prepareRecords(rig: Rig, { scene: { task }, records }: { scene: Scene; records: Records }): void {
  const { repository } = rig;
  repository.settle(task);
  switch (records) {
    case 'as it was':
    case 'a copy left':
      return;
    case 'on the target': {
      const { vnfUuid, vimUuid, serviceInstanceUuid } = task.input;
      repository.settle(newTask({}, { serviceInstanceUuid, vnfUuid, vimUuid, sourceVim: vimUuid }));
      return;
    }
    case 'no such service':
      repository.forgetService(task);
      return;
    case 'VNF not listed':
      repository.unlist(task);
      return;
    case 'broken':
      repository.be('broken', task);
      return;
  }
}

async function play(rig: Rig, { scene, row }: { scene: Scene; row: Row }): Promise<void> {
  const { task, conversations, workflowId } = scene;
  const { serviceInstanceUuid } = task.input;
  const probes: Record<string, Script> = { busy: () => [busy()], free: () => [free()] };
  rig.mano.onProbe(serviceInstanceUuid, probes[row.probe ?? ''] ?? silence);
  rig.mano.onMigration(serviceInstanceUuid, (_, nth) => {
    const conversation = conversations[Math.min(nth, conversations.length) - 1]!;
    if (rig.hasRepository) {
      if (newVnfUuidIn(conversation) !== null) rig.repository.move(task);
      else if (row.records === 'a copy left') rig.repository.leaveCopy(task);
    }
    return conversation.replies.map((message) => played(message, { scene, conversation }));
  });
  await rig.startRaw(task.input, { workflowId });
}

function played(
  message: TranscriptMessage,
  { scene, conversation }: { scene: Scene; conversation: Conversation },
): ScriptedReply {
  const { correlation_id, content_type, content_encoding, headers, app_id, reply_to } = message.properties;
  return {
    topic: message.routingKey,
    body: scene.replaced(message.body.toString()),
    // The request's own, where it was the answer to it.
    ...(isOwn(message, conversation) && correlation_id !== undefined
      ? {}
      : { correlationId: correlation_id }),
    properties: {
      ...(content_type === undefined ? {} : { contentType: content_type }),
      ...(content_encoding === undefined ? {} : { contentEncoding: content_encoding }),
      ...(app_id === undefined ? {} : { appId: app_id }),
      ...(reply_to === undefined ? {} : { replyTo: reply_to }),
      ...(headers === undefined ? {} : { headers }),
    },
  };
}

async function check(rig: Rig, { scene, verdict }: { scene: Scene; verdict: Verdict }): Promise<void> {
  const { task, conversations, workflowId } = scene;
  const { outcome, evidence, retryable, requests, says } = verdict;
  if (evidence !== undefined) {
    const moved = outcome === 'migrated';
    const vimIsNamed = fieldsOf(conversations.at(-1)!.request)['vim_uuid'] !== null;
    expect(await rig.migrations.result(workflowId)).toMatchObject({
      outcome,
      evidence,
      newVnfUuid: moved && (vimIsNamed || rig.hasRepository) ? task.newVnfUuid : null,
    });
  } else {
    const failure = await rig.failure(workflowId);
    expect(failure).toMatchObject({ type: outcome, retryable });
    if (says !== undefined) expect(failure.message).toContain(says);
  }
  const sent = rig.mano.migrations(task.input.serviceInstanceUuid);
  if (requests === undefined) expect(sent).not.toEqual([]);
  else expect(sent).toHaveLength(requests);
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function conversationAt(key: string): Conversation {
  const [number = '', index] = key.split('/');
  return conversationsOf(number)[Number(index)]!;
}

/** By correlation id: the same one sent twice is one conversation. */
function conversationsOf(number: string): Conversation[] {
  const { messages } = loadTranscript(number);
  const requests = messages.filter(
    (message) => message.routingKey === MIGRATE_TOPIC && !isManoReply(message),
  );
  const first = requests.filter(
    (request, index) => requests.findIndex((other) => idOf(other) === idOf(request)) === index,
  );
  return first.map((request) => {
    const replies = messages
      .slice(messages.indexOf(request) + 1)
      .filter((message) => !requests.includes(message))
      .filter((message) => idOf(message) === idOf(request) || message.routingKey !== MIGRATE_TOPIC);
    return { request, replies };
  });
}

function isOwn(message: TranscriptMessage, { request }: Conversation): boolean {
  return idOf(message) === idOf(request);
}

function ownReplies(conversation: Conversation): TranscriptMessage[] {
  return conversation.replies.filter((reply) => isOwn(reply, conversation));
}

function idOf({ properties }: TranscriptMessage): string {
  return properties.correlation_id ?? '';
}

/** In READY: the VNF that the stale NSR does not list. Null without a READY. */
function newVnfUuidIn(conversation: Conversation): string | null {
  for (const reply of ownReplies(conversation)) {
    const { nsr, vnfrs } = fieldsOf(reply) as {
      nsr?: { network_functions: { vnfr_id: string }[] };
      vnfrs?: { id: string }[];
    };
    const known = nsr?.network_functions.map(({ vnfr_id }) => vnfr_id) ?? [];
    const found = vnfrs?.find(({ id }) => !known.includes(id));
    if (found !== undefined) return found.id;
  }
  return null;
}

function fieldsOf({ body }: TranscriptMessage): Record<string, unknown> {
  try {
    const fields: unknown = load(body.toString(), { schema: YAML11_SCHEMA });
    return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
