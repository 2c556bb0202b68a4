/** The processes of a chaos run: Temporal with its database on disk, a broker, the simulated MANO, workers. */
import { setTimeout as delay } from 'node:timers/promises';
import type { LedgerEntry, RuleInput, WorldSnapshot, WorldSpec } from '../../src/simulator/index.js';
import { LongRun } from '../support/long-run.js';
import type { ChaosOptions } from './options.js';

const DEAF_FOR_MS = 5_000;

/** Of acks and of finals each; what is neither lost, late nor doubled goes well. */
const LOST = 0.05;
const DOUBLED = 0.1;
/** Beyond the ack timeout and the final timeout of the run's policy. */
const LATE = 0.05;
const LATE_ACK_MS = 17_000;
const LATE_FINAL_MS = 22_000;
const RULES: RuleInput[] = [
  { behaviour: 'ack-lost', probability: LOST },
  { behaviour: 'ack-late', probability: LATE, delayMs: LATE_ACK_MS },
  { behaviour: 'duplicate-ack', probability: DOUBLED },
  { behaviour: 'final-lost', probability: LOST },
  { behaviour: 'final-late', probability: LATE, delayMs: LATE_FINAL_MS },
  { behaviour: 'duplicate-final', probability: DOUBLED },
];

/** How often each was killed. */
export type Kills = Record<'worker' | 'temporal' | 'broker', number>;

export class ChaosStage {
  readonly kills: Kills = { worker: 0, temporal: 0, broker: 0 };

  private constructor(
    private readonly run: LongRun,
    private readonly parts: { options: ChaosOptions; controlUrl: string },
    readonly environment: Record<string, string>,
  ) {}

  static async set(
    options: ChaosOptions,
    { world, report }: { world: WorldSpec; report: (line: string) => void },
  ): Promise<ChaosStage> {
    const run = await LongRun.begin('chaos', { persistent: true, report });
    const { repositoryUrl, controlUrl } = await run.startMano(world, [
      ...['--seed', options.seed, '--rules', await run.write('rules.json', RULES)],
      ...['--migration-ms', '1000..5000', ...(options.mano === 'reconnects' ? ['--reconnect'] : [])],
    ]);
    const environment = { ...run.environment(), REPOSITORY_URL: repositoryUrl };
    for (let index = 0; index < options.workers; index += 1) await run.startWorker(index, environment);
    return new ChaosStage(run, { options, controlUrl }, environment);
  }

  /** SIGKILL to one worker, and another in its place. */
  async killWorker(index: number): Promise<void> {
    this.kills.worker += 1;
    await this.run.replaceWorker(index, this.environment);
  }

  async killTemporal(): Promise<void> {
    this.kills.temporal += 1;
    await restart(this.run.stack.temporal);
  }

  async killBroker(): Promise<void> {
    this.kills.broker += 1;
    await restart(this.run.stack.rabbitmq);
    if (this.parts.options.mano === 'reconnects') return;
    // What a person does, some time later, about a MANO that stays deaf.
    await delay(DEAF_FOR_MS);
    await fetch(`${this.parts.controlUrl}/restart`, { method: 'POST' });
  }

  async world(): Promise<WorldSnapshot> {
    const response = await fetch(`${this.parts.controlUrl}/world`);
    return (await response.json()) as WorldSnapshot;
  }

  ledger(): LedgerEntry[] {
    return this.run.ledger();
  }

  async stop(): Promise<void> {
    await this.run.stop();
  }
}

interface Killable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

export async function restart(server: Killable | null): Promise<void> {
  await server?.kill();
  await server?.start();
}
