/**
 * The decoder's YAML against PyYAML, which is what the MANO writes with. Needs Python with PyYAML; skipped
 * where there is none.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { YamlRefused, parseYaml } from '../../src/mano/yaml.js';
import { type Loaded, type PyYaml, hasPyYaml, startPyYaml } from '../support/pyyaml.js';

const available = hasPyYaml();
if (!available) console.warn('python3 has no PyYAML here: the comparison with it is skipped');

const RUNS = 1000;

describe.skipIf(!available)('as PyYAML reads it', () => {
  let pyyaml: PyYaml;
  beforeAll(() => {
    pyyaml = startPyYaml();
  });
  afterAll(() => pyyaml.close());

  async function expectSame(text: string): Promise<void> {
    const theirs = await pyyaml.load(text);
    const own = ours(text);
    if ('refused' in theirs) expect(own, `${JSON.stringify(text)}: ${theirs.refused}`).toHaveProperty('refused');
    else expect(own, JSON.stringify(text)).toEqual(theirs);
  }

  it.each([
    ...'1e3 1.0e+3 1.5e3 1e+3 .5 -.5 5. 0o17 017 0x1F 0b101 1_000 1_0.5_0 1:30 0:30 190:20:30 1:30.5 -1:30'.split(' '),
  ])('reads %s', (scalar) => expectSame(`[${scalar}]`));
});

function ours(text: string): Loaded {
  try {
    return { value: parseYaml(Buffer.from(text)) };
  } catch (error) {
    if (error instanceof YamlRefused) return { refused: error.message };
    throw error;
  }
}
