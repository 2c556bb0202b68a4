/**
 * Failure injection: selects the fault for each request.
 *
 * Invariants: a behaviour belongs to one aspect of a migration. For each aspect the first matching rule applies, so
 * that one request can lose its ack and have its final reply doubled. `ok` ends the search: it exempts a request
 * from the rules after it. A rule counts as used only when it is applied.
 */
import { z } from 'zod';
import { strictObject } from './input-problems.js';
import type { Random } from './random.js';
import { REQUEST_KINDS, type ManoRequest } from './messages.js';

/** The answer of the repository to the read that precedes the ack. */
export const REPOSITORY_BEHAVIOURS = [
  'repository-down',
  'repository-500',
  'repository-html',
  'repository-hangs',
] as const;

/** Faults of the request itself and of its first reply. */
export const ACK_BEHAVIOURS = ['request-lost', 'ack-lost', 'ack-late', 'duplicate-ack'] as const;

/** Faults of the move after its ack. */
export const MOVE_BEHAVIOURS = [
  'move-slow',
  'placement-fails',
  'network-fails',
  'deploy-fails',
  'record-fails',
  'removal-fails',
  'monitoring-fails',
  'ia-silent',
  'repository-down-after-ack',
  'repository-refuses-nsr-update',
] as const;

/** Faults of the second reply. */
export const FINAL_BEHAVIOURS = ['final-lost', 'final-late', 'duplicate-final'] as const;

export const BEHAVIOURS = [
  'ok',
  ...REPOSITORY_BEHAVIOURS,
  ...ACK_BEHAVIOURS,
  ...MOVE_BEHAVIOURS,
  ...FINAL_BEHAVIOURS,
] as const;

export type RepositoryBehaviour = (typeof REPOSITORY_BEHAVIOURS)[number];
export type AckBehaviour = (typeof ACK_BEHAVIOURS)[number];
export type MoveBehaviour = (typeof MOVE_BEHAVIOURS)[number];
export type FinalBehaviour = (typeof FINAL_BEHAVIOURS)[number];
export type Behaviour = (typeof BEHAVIOURS)[number];

export const ruleSchema = strictObject({
  behaviour: z.enum(BEHAVIOURS),
  /** Restricts the rule to requests that name this VNF or this service. */
  vnfUuid: z.string().optional(),
  serviceInstanceUuid: z.string().optional(),
  /** The kind of request that the rule applies to. Probes and pings are exempt unless the rule names them. */
  kind: z.enum([...REQUEST_KINDS, 'any']).default('migration'),
  /** Only the nth request applies, counted from 1 over the requests that match all fields above. */
  nth: z.int().min(1).optional(),
  /** The maximum number of times. */
  times: z.int().min(1).optional(),
  /** The share of the matching requests that the rule hits. */
  probability: z.number().min(0).max(1).default(1),
  /** The delay (ack-late, final-late), the duration (move-slow), the interval (duplicates), or the time that the repository hangs. */
  delayMs: z.int().min(0).optional(),
  /** The total number of replies that a duplicate makes. */
  copies: z.int().min(2).max(100_000).default(2),
  /** The error of the failing MANO in place of its usual one. */
  error: z.union([z.string(), z.int(), z.record(z.string(), z.unknown())]).optional(),
});

export type Rule = z.infer<typeof ruleSchema>;
/** The input form, where defaults may be left out. */
export type RuleInput = z.input<typeof ruleSchema>;

interface Applied<Kind> {
  behaviour: Kind;
  rule: Rule;
}

/** The faults of one request. An absent aspect has no fault. */
export interface Plan {
  repository?: Applied<RepositoryBehaviour>;
  ack?: Applied<AckBehaviour>;
  move?: Applied<MoveBehaviour>;
  final?: Applied<FinalBehaviour>;
}

interface CountedRule {
  rule: Rule;
  matched: number;
  applied: number;
}

export class RuleBook {
  readonly #rules: CountedRule[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  add(input: RuleInput): Rule {
    const rule = ruleSchema.parse(input);
    this.#rules.push({ rule, matched: 0, applied: 0 });
    return rule;
  }

  clear(): void {
    this.#rules.length = 0;
  }

  planFor(request: ManoRequest): Plan {
    const plan: Plan = {};
    for (const counted of this.#rules) {
      if (!matches(counted.rule, request)) continue;
      counted.matched += 1;
      if (!this.#isDue(counted)) continue;
      if (counted.rule.behaviour === 'ok') {
        counted.applied += 1;
        return plan;
      }
      if (enter(plan, { behaviour: counted.rule.behaviour, rule: counted.rule })) counted.applied += 1;
    }
    return plan;
  }

  #isDue({ rule, matched, applied }: CountedRule): boolean {
    if (rule.nth !== undefined && rule.nth !== matched) return false;
    if (rule.times !== undefined && applied >= rule.times) return false;
    return rule.probability === 1 || this.#random.next() < rule.probability;
  }
}

function matches(rule: Rule, request: ManoRequest): boolean {
  if (rule.kind !== 'any' && rule.kind !== request.kind) return false;
  if (rule.vnfUuid !== undefined && rule.vnfUuid !== request.fields['vnf_uuid']) return false;
  return (
    rule.serviceInstanceUuid === undefined ||
    rule.serviceInstanceUuid === request.fields['service_instance_uuid']
  );
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return (names as readonly string[]).includes(name);
}

/** Records the behaviour under its aspect. Returns false if an earlier rule has that aspect. */
function enter(plan: Plan, { behaviour, rule }: Applied<Exclude<Behaviour, 'ok'>>): boolean {
  if (isOneOf(REPOSITORY_BEHAVIOURS, behaviour)) {
    if (plan.repository !== undefined) return false;
    plan.repository = { behaviour, rule };
  } else if (isOneOf(ACK_BEHAVIOURS, behaviour)) {
    if (plan.ack !== undefined) return false;
    plan.ack = { behaviour, rule };
  } else if (isOneOf(MOVE_BEHAVIOURS, behaviour)) {
    if (plan.move !== undefined) return false;
    plan.move = { behaviour, rule };
  } else {
    if (plan.final !== undefined) return false;
    plan.final = { behaviour, rule };
  }
  return true;
}
