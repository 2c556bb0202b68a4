// Type-checked rules everywhere, and the edges of docs/architecture.md: which room may import which.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const nodeBuiltins = [
  'node:*',
  'fs',
  'path',
  'os',
  'crypto',
  'http',
  'net',
  'child_process',
  'worker_threads',
];

/** Forbids imports that match the patterns in the files of one room. */
function edge(files, { forbids, because }) {
  return {
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: forbids, message: because }] }] },
  };
}

const noClocksOrRandomness = {
  'no-restricted-globals': [
    'error',
    ...['Date', 'process', 'Buffer', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'crypto'].map(
      (name) => ({
        name,
        message: 'Not in code that runs in the workflow sandbox; time comes from workflows/clock.ts.',
      }),
    ),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Workflow code takes its randomness from uuid4().' },
  ],
};

/** A worker loads these modules once: what one keeps in a variable of its own, every run of every workflow would share. */
const noStateOfModules = {
  'no-restricted-syntax': [
    'error',
    ...[
      '> VariableDeclaration[kind="let"]',
      '> VariableDeclaration > :not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly/]) > NewExpression[callee.name=/^(Weak)?(Map|Set)$/]',
      '> VariableDeclaration > :not([id.typeAnnotation.typeAnnotation.operator="readonly"]) > ArrayExpression[elements.length=0]',
    ].map((selector) => ({
      selector: `:matches(Program, ExportNamedDeclaration) ${selector}`,
      message:
        'All runs of all workflows would share it: keep state in the run; type a constant as Readonly.',
    })),
  ],
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.vnf-migrator/', 'node_modules/'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // With noPropertyAccessFromIndexSignature the compiler asks for brackets where this rule forbids them.
      '@typescript-eslint/dot-notation': 'off',
      'max-params': ['error', 2],
      'no-console': 'error',
    },
  },
  { files: ['src/shared/**', 'src/workflows/**'], rules: { ...noClocksOrRandomness, ...noStateOfModules } },
  { files: ['src/workflows/runtime/clock.ts'], rules: { 'no-restricted-globals': 'off' } },
  edge(['src/shared/**'], {
    forbids: ['../*', ...nodeBuiltins, '@temporalio/*', 'amqplib', 'js-yaml', 'pino', 'commander'],
    because: 'shared/ depends on nothing but zod.',
  }),
  edge(['src/mano/**'], {
    forbids: ['../*', '!../shared', 'amqplib', '@temporalio/*', 'pino', 'commander'],
    because: 'mano/ depends on shared/ only.',
  }),
  edge(['src/workflows/**'], {
    forbids: [
      '../*',
      '!../shared',
      '!../activities',
      ...nodeBuiltins,
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/activity',
      'amqplib',
      'js-yaml',
      'pino',
      'commander',
    ],
    because: 'workflows/ depends on shared/ only, and on the types of activities/.',
  }),
  edge(['src/nexus/service.ts'], {
    forbids: ['../*', '!../shared', ...nodeBuiltins, '@temporalio/*', 'amqplib', 'pino', 'commander'],
    because: 'The contract of the Nexus service is imported by workflows of others.',
  }),
  edge(['src/activities/**'], {
    forbids: ['../workflows/*', '../cli/*', '../listener/*', '../dev/*', '../simulator/*', '../client/*'],
    because: 'activities/ reach outwards: amqp, mano, repository, gatekeeper.',
  }),
  edge(['src/amqp/**', 'src/repository/**'], {
    forbids: [
      '../workflows/*',
      '../activities/*',
      '../cli/*',
      '../listener/*',
      '../dev/*',
      '../simulator/*',
      '../client/*',
    ],
    because: 'A peer client knows nothing of those who use it.',
  }),
  edge(['src/codec/!(index).ts'], {
    forbids: ['../*', '!../shared'],
    because: 'codec/ knows keys and payloads; whoever connects hands it the keys.',
  }),
  edge(['src/codec/failure-converter.ts', 'src/codec/unreadable-payload.ts'], {
    forbids: [
      '../*',
      '!../shared',
      ...nodeBuiltins,
      '@temporalio/client',
      '@temporalio/worker',
      '@temporalio/proto',
    ],
    because: 'It is bundled with the workflows.',
  }),
  edge(['src/listener/**'], {
    forbids: ['../activities/*', '../cli/*', '../dev/*', '../simulator/*', '../client/*'],
    because: 'The listener knows the bus and the signals of workflows/messages.ts.',
  }),
  edge(['src/simulator/**'], {
    forbids: ['../workflows/*', '../activities/*', '../listener/*', '../dev/*', '../client/*'],
    because: 'The simulated MANO stands for the other side: it knows only the protocol.',
  }),
  {
    files: ['src/cli/**', 'src/dev/**', 'scripts/**', 'test/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.mjs'],
    ...tseslint.configs.disableTypeChecked,
    languageOptions: {
      ...tseslint.configs.disableTypeChecked.languageOptions,
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly' },
    },
  },
  { files: ['test/**'], rules: { 'max-params': 'off', '@typescript-eslint/no-non-null-assertion': 'off' } },
);
