/** One VNF to migrate, with the MANO's records of it before and after. */
import { randomUUID } from 'node:crypto';
import type { PolicyInput } from '../../src/shared/migration/contract.js';
import { buildNsr, buildVnfr, type Nsr, type Vnfr } from '../../src/simulator/records.js';

export interface Task {
  input: { serviceInstanceUuid: string; vnfUuid: string; vimUuid: string; policy: PolicyInput };
  newVnfUuid: string;
  sourceVim: string;
  before: { nsr: Nsr; vnfrs: Vnfr[] };
  after: { nsr: Nsr; vnfrs: Vnfr[] };
  /** The new VNF when no service lists it. */
  copy: Vnfr;
  /** The records in READY: the NSR is stale, and the VNFRs are right. */
  readyRecords: { nsr: Nsr; vnfrs: Vnfr[] };
}

/** Short enough for a test, and long enough for a busy machine. */
const QUICK: PolicyInput = {
  publishTimeout: '20s',
  ackTimeout: '20s',
  finalTimeout: '20s',
  busyTimeout: '20s',
  deadline: '2m',
  initialInterval: 100,
  maximumInterval: 500,
  probeTimeout: 300,
};

interface TaskIds {
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: string;
  sourceVim: string;
  newVnfUuid: string;
}

export function newTask(policy: PolicyInput = {}, ids: Partial<TaskIds> = {}): Task {
  const {
    serviceInstanceUuid = randomUUID(),
    vnfUuid = randomUUID(),
    vimUuid = randomUUID(),
    sourceVim = randomUUID(),
    newVnfUuid = randomUUID(),
  } = ids;
  const input = { serviceInstanceUuid, vnfUuid, vimUuid, policy: { ...QUICK, ...policy } };
  // A separate kind: a copy that one test leaves behind must not count as the copy of another test.
  const name = `fw-${input.vnfUuid.slice(0, 8)}`;
  const vnfr = (vnfUuid: string, vim: string, isMoved: boolean): Vnfr =>
    buildVnfr({ vnfUuid, name, kind: 'vm', vimUuids: [vim] }, { serviceInstanceUuid, isMoved });
  const before = [vnfr(input.vnfUuid, sourceVim, false)];
  const after = [vnfr(newVnfUuid, input.vimUuid, true)];
  const records = (vnfrs: Vnfr[]) => ({ nsr: buildNsr(serviceInstanceUuid, vnfrs), vnfrs });
  return {
    input,
    newVnfUuid,
    sourceVim,
    before: records(before),
    after: records(after),
    copy: after[0]!,
    readyRecords: { nsr: buildNsr(serviceInstanceUuid, before), vnfrs: after },
  };
}
