import cdk from 'eslint-cdk-plugin';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const PURE = ['event', 'ledger', 'routing', 'edge-log', 'identity', 'policy'];

/** Imports run one way: bin and lambda use the pure rooms of lib, lib uses neither. */
const zones = [
  { target: './lib', from: ['./lambda', './bin', './test'], message: 'lib never imports lambda, bin or test.' },
  { target: './lambda', from: ['./bin', './test'], message: 'lambda never imports bin or test.' },
  { target: './bin', from: ['./lambda', './test'], message: 'bin runs the bundles of lambda, and imports none of it.' },
  {
    target: './lambda',
    from: './lib',
    except: PURE.map((room) => `./${room}`),
    message: 'Functions import the pure rooms of lib only (event, ledger, routing, edge-log, identity, policy).',
  },
  ...PURE.map((room) => ({
    target: `./lib/${room}`,
    from: './lib',
    except: PURE.map((other) => `./${other}`),
    message: `lib/${room} is pure: it knows no constructs.`,
  })),
];

/** The pure rooms, and what they may never know. */
const noAws = {
  patterns: [
    { group: ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'], message: 'This room is pure: no CDK.' },
    { group: ['@aws-sdk/*', '@smithy/*'], message: 'This room is pure: no AWS SDK.' },
  ],
};

/** Files of tests share what they import: a hook in it would be the first file's alone. */
const ownHooks = {
  name: 'vitest',
  importNames: ['beforeAll', 'beforeEach', 'afterEach', 'afterAll'],
  message: 'Use afterTest of test/support/after-test.ts, or hooks in the file of the tests.',
};

export default tseslint.config(
  { ignores: ['dist/**', 'dist-jsii/**', 'cdk.out/**', 'node_modules/**', '.audit/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.mts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX },
    settings: {
      // Else no-cycle looks into none of these files, and finds nothing.
      'import-x/extensions': ['.ts', '.mts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts', '.mts'] },
      'import-x/resolver-next': [importX.createNodeResolver({ extensions: ['.ts', '.mts', '.js', '.json'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
      'import-x/no-cycle': 'error',
      'import-x/no-duplicates': 'error',
      'import-x/first': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': ['error', { allow: ['error'] }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-control-regex': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    ignores: ['**/*.test.ts', '**/*.live.ts', 'test/support/each-file.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [ownHooks] }] },
  },
  {
    // Nothing imports one, so that none is in a cycle; to look for them there would take longer than all the rest.
    files: ['test/**/*.test.ts'],
    rules: { 'import-x/no-cycle': 'off' },
  },
  {
    files: PURE.map((room) => `lib/${room}/**/*.ts`),
    rules: { 'no-restricted-imports': ['error', noAws] },
  },
  {
    files: ['lib/*.ts'],
    plugins: { cdk },
    rules: {
      'cdk/no-construct-in-interface': 'error',
      'cdk/no-mutable-property-of-props-interface': 'error',
      'cdk/no-mutable-public-property-of-construct': 'error',
      'cdk/no-unused-props': 'error',
      'cdk/no-variable-construct-id': 'error',
      'cdk/pascal-case-construct-id': 'error',
      'cdk/require-jsdoc': 'error',
      'cdk/require-passing-this': 'error',
      'cdk/require-props-default-doc': 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
