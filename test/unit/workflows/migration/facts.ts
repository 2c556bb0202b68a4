/** Facts as the bus and the repository deliver them, for a migration of VNF `old` from VIM `source` to `target`. */
import type { ManoReply } from '../../../../src/shared/mano/reply.js';
import { parseMigrationRequest, type PolicyInput } from '../../../../src/shared/migration/contract.js';
import type { ServiceSnapshot, VnfSnapshot } from '../../../../src/shared/migration/reconciliation.js';
import {
  openLedger,
  type Ledger,
  type LookResult,
} from '../../../../src/workflows/migration/attempt-ledger.js';

const uuid = (digit: string): string =>
  `${digit.repeat(8)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(4)}-${digit.repeat(12)}`;

export const SERVICE = uuid('a');
export const VNF = uuid('b');
export const NEW_VNF = uuid('c');
export const TARGET = uuid('e');
const SOURCE = uuid('d');
const DESCRIPTOR = uuid('f');

export function ledgerOf(options: {
  hasRepository: boolean;
  needsPermit?: boolean;
  policy?: PolicyInput;
}): Ledger {
  const input = { serviceInstanceUuid: SERVICE, vnfUuid: VNF, vimUuid: TARGET, policy: options.policy };
  const parsed = parseMigrationRequest(input);
  if (parsed.kind === 'invalid') throw new Error(parsed.problems.join('; '));
  const { hasRepository, needsPermit = false } = options;
  return openLedger({ request: parsed.request, hasRepository, needsPermit, startedAtMs: 0 });
}

// --- replies -----------------------------------------------------------------------------------------------

export const REPLY_KINDS = [
  'ack',
  'ready',
  'busy',
  'transient',
  'repository-500',
  'unknown-vnf',
  'already-there',
  'final-error',
  'final-error-elsewhere',
  'removal-failed',
] as const;
export type ReplyKind = (typeof REPLY_KINDS)[number];

const REPLY: Record<ReplyKind, Partial<ManoReply>> = {
  ack: { status: 'MIGRATING' },
  ready: { status: 'READY', isFinal: true, timestamp: 1 },
  busy: { error: 'Workflow for service still going on, rejected' },
  transient: { error: '400' },
  'repository-500': { error: '500', errorCode: 500 },
  'unknown-vnf': { error: '404', errorCode: 404 },
  'already-there': { error: 'vnf already deployed on this vim' },
  'final-error': { error: 'mano.function.start', isFinal: true, timestamp: 2 },
  'final-error-elsewhere': {
    error: 'mano.function.deploy',
    isFinal: true,
    timestamp: 3,
    topic: 'service.instances.create',
  },
  'removal-failed': { error: 'mano.function.remove', isFinal: true, timestamp: 4 },
};

export const PROBE_ANSWERS = ['busy', 'free', 'unrecognised'] as const;
export type ProbeAnswerKind = (typeof PROBE_ANSWERS)[number];

const PROBE_ANSWER: Record<ProbeAnswerKind, Partial<ManoReply>> = {
  busy: REPLY.busy,
  free: { error: 'Missing vim uuid' },
  unrecognised: { error: 'nobody has seen this before' },
};

export function replyOf(kind: ReplyKind, nonce: string): ManoReply {
  return fullReply(REPLY[kind], nonce);
}

export function answerOf(kind: ProbeAnswerKind, nonce: string): ManoReply {
  return fullReply(PROBE_ANSWER[kind], nonce);
}

export function fullReply(reply: Partial<ManoReply>, nonce: string): ManoReply {
  return {
    correlationId: `vnfm:default:w:${nonce}`,
    status: 'ERROR',
    error: null,
    errorCode: null,
    isFinal: false,
    topic: 'service.instance.migrate',
    appId: 'son-plugin.ServiceLifecycleManager',
    receivedAt: '2024-01-01T00:00:00.000Z',
    timestamp: null,
    durationSeconds: null,
    nsr: null,
    vnfrs: null,
    recordsSummarised: false,
    ...reply,
  };
}

// --- looks -------------------------------------------------------------------------------------------------

const vnf = (vnfUuid: string, vimUuid: string, status: string | null = 'normal operation'): VnfSnapshot => ({
  vnfUuid,
  status,
  descriptorReference: DESCRIPTOR,
  vimUuids: [vimUuid],
});

const service = (snapshot: ServiceSnapshot): LookResult => ({ kind: 'service', snapshot });

export const LOOK_KINDS = [
  'untouched',
  'moved',
  'copy',
  'dead',
  'on-target',
  'no-such-service',
  'unreadable',
] as const;
/** A record that names no descriptor is rare enough to have a test of its own. */
export type LookKind = (typeof LOOK_KINDS)[number] | 'no-descriptor';

export const LOOK: Record<LookKind, LookResult> = {
  untouched: service({ listedVnfUuids: [VNF], vnf: vnf(VNF, SOURCE), siblings: [] }),
  moved: service({
    listedVnfUuids: [NEW_VNF],
    vnf: vnf(VNF, SOURCE, 'terminated'),
    siblings: [vnf(NEW_VNF, TARGET)],
  }),
  /** Half done: still listed on its source, and one more of its kind runs on the target. */
  copy: service({ listedVnfUuids: [VNF], vnf: vnf(VNF, SOURCE), siblings: [vnf(NEW_VNF, TARGET)] }),
  /** Not listed any more, and nothing took its place. */
  dead: service({ listedVnfUuids: [], vnf: vnf(VNF, SOURCE, 'terminated'), siblings: [] }),
  'on-target': service({ listedVnfUuids: [VNF], vnf: vnf(VNF, TARGET), siblings: [] }),
  'no-descriptor': service({
    listedVnfUuids: [VNF],
    vnf: { ...vnf(VNF, SOURCE), descriptorReference: null },
    siblings: [],
  }),
  'no-such-service': { kind: 'no-such-service' },
  unreadable: { kind: 'unreadable', reason: 'HTTP 503' },
};
