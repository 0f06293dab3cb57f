import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Runs every random test with a new seed, which it prints; `npm test` runs them with a fixed one.
 *
 * usage: npm run test:random [-- <seed>]; AUDIT_PROXY_ROUNDS sets how many seeds in a row (default 1)
 */
const given = process.argv[2];
const rounds = given === undefined ? Number(process.env.AUDIT_PROXY_ROUNDS ?? 1) : 1;

const random = readdirSync('test', { recursive: true })
  .map((file) => path.join('test', file))
  .filter(
    (file) => file.endsWith('.test.ts') && /fast-check|support\/seed|random-event/.test(readFileSync(file, 'utf8')),
  );

for (let round = 1; round <= rounds; round++) {
  const seed = given ?? String(randomInt(2 ** 31));
  console.log(`AUDIT_PROXY_SEED=${seed} (${round} of ${rounds}), ${random.length} files`);
  const { status } = spawnSync('npx', ['vitest', 'run', ...random], {
    stdio: 'inherit',
    env: { ...process.env, AUDIT_PROXY_SEED: seed },
  });
  if (status !== 0) {
    console.error(`failed with AUDIT_PROXY_SEED=${seed}; to run it again: npm run test:random -- ${seed}`);
    process.exit(status ?? 1);
  }
}
