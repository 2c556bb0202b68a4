/** The processes of a scale run: Temporal, a broker, the simulated MANO, workers. */
import type { LedgerEntry, WorldSpec } from '../../src/simulator/index.js';
import { LongRun } from '../support/long-run.js';
import type { ScaleOptions } from './options.js';

export class ScaleStage {
  private constructor(
    private readonly run: LongRun,
    readonly environment: Record<string, string>,
  ) {}

  static async set(
    options: ScaleOptions,
    { world, report }: { world: WorldSpec; report: (line: string) => void },
  ): Promise<ScaleStage> {
    const run = await LongRun.begin('campaign-scale', { persistent: false, report });
    return await ScaleStage.on(run, { options, world });
  }

  /** On a stack that is there; `stop` ends it all the same. */
  static async on(
    run: LongRun,
    {
      options,
      world,
      settings = {},
    }: { options: ScaleOptions; world: WorldSpec; settings?: Record<string, string> },
  ): Promise<ScaleStage> {
    const speed = ['--migration-ms', options.migrationMs, '--ack-delay-ms', '1'];
    const { repositoryUrl } = await run.startMano(world, speed);
    const environment = {
      ...run.environment(),
      ...settings,
      ...(options.repository ? { REPOSITORY_URL: repositoryUrl } : {}),
    };
    for (let index = 0; index < options.workers; index += 1) await run.startWorker(index, environment);
    return new ScaleStage(run, environment);
  }

  async killWorker(index: number): Promise<void> {
    await this.run.replaceWorker(index, this.environment);
  }

  ledger(): LedgerEntry[] {
    return this.run.ledger();
  }

  async stop(): Promise<void> {
    await this.run.stop();
  }
}
