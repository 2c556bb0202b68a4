// The order of test files: those that take longest come first, so that no processor waits for the last of them.
// A fresh clone has no record of how long anything took, hence a list.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const LONGEST = [
  'test/chaos/chaos.test.ts',
  // Beside the chaos, which keeps the machine busy: what waits more than it works.
  'test/integration/dev.test.ts',
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
