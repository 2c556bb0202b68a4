// Orders the test files. The slowest files start first, so that no processor waits for the last of them. The order
// is a fixed list, because a new clone has no record of durations.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'test/chaos/chaos.test.ts',
  // Runs beside the chaos test, which keeps the machine busy: this file waits more than it works.
  'test/integration/dev.test.ts',
  'test/integration/payload-codec.test.ts',
  'test/integration/secrets.test.ts',
  'test/integration/doctor.test.ts',
  'test/workflow/migration/both-routes.test.ts',
  'test/workflow/migration/transcripts.test.ts',
  'test/unit/workflows/migration/exhaustive.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    return others.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((path) => moduleId.endsWith(path));
  return index === -1 ? LONGEST.length : index;
}
