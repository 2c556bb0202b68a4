/** Whom the console lets in, by its settings. */
import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../src/settings/config.js';

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

describe('the settings of the console', () => {
  it('name a proxy whose headers are believed', () => {
    const { proxy } = loadConfig({
      CONSOLE_PROXY_ADDRESSES: '10.1.2.3, fd00::/8',
      CONSOLE_ACTOR_HEADER: 'X-Forwarded-Email',
      CONSOLE_OPERATOR_GROUP: 'nfv-ops',
    }).console;
    expect(proxy).toEqual({
      addresses: ['10.1.2.3', 'fd00::/8'],
      actorHeader: 'x-forwarded-email',
      groupsHeader: 'x-forwarded-groups',
      operatorGroup: 'nfv-ops',
    });
  });

  it('without a login leave the loopback interface to nobody else', () => {
    const open = { CONSOLE_ADDRESS: '0.0.0.0:8088' };
    expect(problems(open)).toEqual([expect.stringMatching(/^CONSOLE_ADDRESS: without a login/)]);
    expect(problems({ ...open, CONSOLE_TOKENS_FILE: '/run/secrets/tokens' })).toEqual([]);
    for (const address of ['8088', 'localhost:1', '127.0.0.9:1', '[::1]:1']) {
      expect(problems({ CONSOLE_ADDRESS: address })).toEqual([]);
    }
  });

  it.each([
    [{ CONSOLE_PROXY_ADDRESSES: '10.1.2.3' }, /^CONSOLE_ACTOR_HEADER: needed together/],
    [{ CONSOLE_ACTOR_HEADER: 'X-Email' }, /^CONSOLE_PROXY_ADDRESSES: needed together/],
    [{ CONSOLE_OPERATOR_GROUP: 'ops' }, /^CONSOLE_ACTOR_HEADER: needed together/],
    [{ CONSOLE_ADDRESS: 'everywhere' }, /^CONSOLE_ADDRESS: expected a port/],
    [{ CONSOLE_CODEC_ORIGINS: '*' }, /^CONSOLE_CODEC_ORIGINS: expected origins/],
    [{ CONSOLE_CODEC_ORIGINS: 'https://ui.example/' }, /^CONSOLE_CODEC_ORIGINS: expected origins/],
  ])('%j are wrong, and it is said how', (environment, problem) => {
    expect(problems(environment)).toEqual([expect.stringMatching(problem)]);
  });

  it.each(['0.0.0.0/0/0', '10.0.0.0/33', 'proxy.example', '10.1.2.3/', ''])(
    'do not believe %j',
    (address) => {
      const found = problems({
        CONSOLE_PROXY_ADDRESSES: `${address},10.0.0.1`,
        CONSOLE_ACTOR_HEADER: 'X-Email',
      });
      expect(found).toEqual([expect.stringMatching(/^CONSOLE_PROXY_ADDRESSES: expected addresses/)]);
    },
  );
});
