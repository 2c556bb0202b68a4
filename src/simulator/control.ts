/**
 * The simulator's own controls over HTTP, for tests in other processes.
 *
 *   GET /ledger        its entries, one JSON line each; ?from=N leaves the first N out
 *   GET /world         what exists, what runs, and which services are busy
 *   POST /rules        adds a rule, or a list of them; DELETE /rules removes all
 *   POST /world        adds services
 *   POST /repository   {"state": "up" | "down" | "500" | "html" | "hangs"}
 *   POST /disconnect   makes the MANO deaf, as a restart of the broker does
 *   POST /reconnect    opens a new connection and queue; moves in progress continue
 *   POST /gatekeeper   {"callback"?: "once" | "lost" | "twice" | "late", "delayMs"?, "post"?: "ok" | "dropped" | "500",
 *                      "get"?: "ok" | "500" | "404", "vims"?: "ok" | "500"}; what is left out goes well
 *   POST /adaptor      {"answer"?: "whole" | "silent" | "late" | "partial" | "twice" | "error" | "hostile", "delayMs"?}
 *   POST /restart      the same for a new life of the SLM, which knows nothing of the one before
 *
 * Invariants: it listens on loopback. A wrong body is answered with status 400 and all its problems, and changes
 * nothing.
 */
import { z } from 'zod';
import { adaptorFaultsSchema, type AdaptorFaults } from './adaptor.js';
import { gatekeeperFaultsSchema, type GatekeeperFaults } from './gatekeeper.js';
import { serveHttp, type HttpAnswer, type HttpRequest, type HttpServer } from './http.js';
import { REPOSITORY_STATES, type RepositoryState } from './request-checks.js';
import type { LedgerEntry } from './ledger.js';
import { problemsOf, strictObject } from './input-problems.js';
import { ruleSchema, type RuleInput } from './rules.js';
import type { WorldSnapshot } from './world.js';
import { worldSpecSchema, type WorldSpecInput } from './world-spec.js';

export interface Controls {
  ledger: () => readonly LedgerEntry[];
  snapshot: () => WorldSnapshot & { busyServices: string[] };
  addRule: (rule: RuleInput) => void;
  clearRules: () => void;
  addToWorld: (spec: WorldSpecInput) => void;
  setRepository: (state: RepositoryState) => void;
  setGatekeeper: (faults: GatekeeperFaults) => void;
  setAdaptor: (faults: AdaptorFaults) => void;
  disconnect: () => Promise<void>;
  reconnect: () => Promise<void>;
  restart: () => Promise<void>;
}

const rulesBody = z.preprocess((body): unknown => (Array.isArray(body) ? body : [body]), z.array(ruleSchema));
const repositoryBody = strictObject({ state: z.enum(REPOSITORY_STATES) });

export async function serveControls(controls: Controls, { port }: { port: number }): Promise<HttpServer> {
  return serveHttp((request) => answer(request, controls), { port });
}

async function answer(request: HttpRequest, controls: Controls): Promise<HttpAnswer> {
  switch (`${request.method} /${request.path.join('/')}`) {
    case 'GET /ledger':
      return text(ledgerLines(controls, Number(request.query.get('from') ?? 0)));
    case 'GET /world':
      return json(200, controls.snapshot());
    case 'POST /rules':
      return withBody(request, { schema: rulesBody, use: (rules) => rules.forEach(controls.addRule) });
    case 'DELETE /rules':
      controls.clearRules();
      return json(200, {});
    case 'POST /world':
      return withBody(request, { schema: worldSpecSchema, use: controls.addToWorld });
    case 'POST /repository':
      return withBody(request, { schema: repositoryBody, use: ({ state }) => controls.setRepository(state) });
    case 'POST /gatekeeper':
      return withBody(request, { schema: gatekeeperFaultsSchema, use: controls.setGatekeeper });
    case 'POST /adaptor':
      return withBody(request, { schema: adaptorFaultsSchema, use: controls.setAdaptor });
    case 'POST /disconnect':
      await controls.disconnect();
      return json(200, {});
    case 'POST /reconnect':
      await controls.reconnect();
      return json(200, {});
    case 'POST /restart':
      await controls.restart();
      return json(200, {});
    default:
      return json(404, { error: 'no such control' });
  }
}

function ledgerLines(controls: Controls, from: number): string {
  return controls
    .ledger()
    .slice(from)
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join('');
}

async function withBody<Value>(
  request: HttpRequest,
  { schema, use }: { schema: z.ZodType<Value>; use: (value: Value) => void },
): Promise<HttpAnswer> {
  let body: unknown;
  try {
    body = JSON.parse(await request.body());
  } catch {
    return json(400, { problems: ['the body is not JSON'] });
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) return json(400, { problems: problemsOf(parsed.error) });
  try {
    use(parsed.data);
  } catch (error) {
    return json(400, { problems: [error instanceof Error ? error.message : String(error)] });
  }
  return json(200, {});
}

function json(status: number, value: unknown): HttpAnswer {
  return { kind: 'answer', status, contentType: 'application/json', body: JSON.stringify(value) };
}

function text(body: string): HttpAnswer {
  return { kind: 'answer', status: 200, contentType: 'application/x-ndjson', body };
}
