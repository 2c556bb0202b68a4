// Type-checked rules everywhere; no clocks, randomness or shared state where workflow code runs.
// Which room may import which stands in .dependency-cruiser.mjs.
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const noClocksOrRandomness = {
  'no-restricted-globals': [
    'error',
    ...['Date', 'process', 'Buffer', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'crypto'].map(
      (name) => ({
        name,
        message: 'Not in code that runs in the workflow sandbox; time comes from workflows/runtime/clock.ts.',
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
