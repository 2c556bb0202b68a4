/** Conventions of the command line: every command has help, and wrong use is named and sets the exit code. */
import { describe, expect, inject, it } from 'vitest';
import { runCli } from '../support/cli.js';

const { temporalAddress } = inject('stack');
const ID = '00000000-0000-4000-8000-000000000001';
const COMMANDS = [
  'worker',
  'listener',
  'migrate',
  'status',
  'list',
  'vims',
  'cancel',
  'resolve',
  'campaign',
  'limits',
  'parked',
  'simulate',
  'dev',
  'setup',
  'doctor',
];

describe('help', () => {
  it('of the whole names every command, every setting and every exit code', async () => {
    const { code, stdout, stderr } = await runCli(['--help'], {});
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b.*`, 'm'));
    for (const setting of ['TEMPORAL_ADDRESS', 'AMQP_URL', 'DEPLOYMENT', 'REPOSITORY_URL'])
      expect(stdout).toContain(setting);
    expect(stdout).toMatch(/Exit codes: 0 done, 1 not done, 2 wrong arguments or settings, 3 nobody knows/);
  });

  // One process each, a few at a time: most of it is the start.
  it.each([COMMANDS.slice(0, 5), COMMANDS.slice(5, 10), COMMANDS.slice(10)])(
    'of %s, %s, %s, %s and %s',
    async (...commands) => {
      const ran = await Promise.all(commands.map((command) => runCli([command, '--help'], {})));
      ran.forEach(({ code, stdout }, index) => {
        expect(code).toBe(0);
        expect(stdout).toMatch(new RegExp(`^Usage: (vnf-migrator )?${commands[index]!}.*\\n\\n\\S`));
        expect(stdout).toContain('--help');
      });
    },
  );

  it('and the version go to standard output', async () => {
    expect(await runCli(['--version'], {})).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string,
      stderr: '',
    });
  });
});

describe('wrong use', () => {
  // [arguments, what is named]
  const wrong: [string[], RegExp][] = [
    [['migrat'], /unknown command 'migrat'/],
    [['migrate'], /--service: .*--vnf: .*--vim: /s],
    [['migrate', '--service', ID, '--vnf', ID, '--vim', ID, '--force'], /'--force'/],
    [['migrate', '--service', 'x', '--vnf', ID], /--vim/],
    [['status'], /'id'/],
    [['list', '--limit', 'many'], /--limit.*whole number/s],
    [['list', '--status', 'lost'], /--status.*Running, Completed/s],
    [['resolve', ID, '--outcome', 'perhaps', '--reason', 'x'], /--outcome.*migrated/s],
    [['parked', 'show'], /'id'/],
    [['doctor', '--orphans'], /--vim/],
    [['campaign', 'schedule', 'nightly'], /--cron/],
    [['campaign', 'unschedule'], /'name'/],
    [['campaign', 'failback'], /'name'/],
  ];
  it.each(wrong)('%j', async (args, named) => {
    const { code, stdout, stderr } = await runCli(args, { TEMPORAL_ADDRESS: temporalAddress });
    expect(stderr).toMatch(named);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('of a request is told whole, by the names of the options', async () => {
    const args = [
      'migrate',
      '--service',
      'x',
      '--vnf',
      'y',
      '--vim',
      'z',
      '--policy',
      'ackTimeout=soon',
      '--policy',
      'maxAttempts=0',
    ];
    const { code, stderr } = await runCli(args, { TEMPORAL_ADDRESS: temporalAddress });
    for (const named of ['--service:', '--vnf:', '--vim:', '--policy ackTimeout:', '--policy maxAttempts:'])
      expect(stderr).toContain(`  ${named} `);
    expect(code).toBe(2);
  });

  it('of settings is told whole', async () => {
    const { code, stderr } = await runCli(['doctor'], {
      AMQP_URL: 'http://x',
      LOG_LEVEL: 'loud',
      REPOSITORY_URL: 'x',
    });
    for (const setting of ['AMQP_URL', 'LOG_LEVEL', 'REPOSITORY_URL'])
      expect(stderr).toMatch(new RegExp(`^  ${setting}: `, 'm'));
    expect(code).toBe(2);
  });

  it('of no Temporal is told with its address, in time', async () => {
    const { code, stderr } = await runCli(['status', ID], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(stderr).toMatch(/^vnf-migrator: no Temporal at 127\.0\.0\.1:1 \(TEMPORAL_ADDRESS\): /);
    expect(code).toBe(1);
  });

  it('of a migration that is not there is told as that', async () => {
    const { code, stderr } = await runCli(['status', ID], { TEMPORAL_ADDRESS: temporalAddress });
    expect(stderr).toBe(`vnf-migrator: no such migration: vnf-migration/${ID}\n`);
    expect(code).toBe(1);
  });
});
