import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/bundle-once.ts'],
    setupFiles: ['test/support/each-file.ts'],
    environment: 'node',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Files share their process: to load aws-cdk-lib anew for each would take longer than the tests.
    poolOptions: { forks: { maxForks: 2, isolate: false } },
    // Of hundreds of small modules, which every file of tests that uses it would transform anew: some 15 s each.
    deps: { optimizer: { ssr: { enabled: true, include: ['dt-sql-parser'] } } },
    // The built-in template validator takes seconds a synth; one default synth is run in test/app/synth.test.ts.
    env: { CDK_VALIDATION: 'false', CDK_DISABLE_CLI_TELEMETRY: '1' },
  },
});
