/**
 * Seed of every random test: AUDIT_PROXY_SEED, or the same one in every run, so that no test fails by chance.
 * `npm run test:random` draws a new one.
 */
export const SEED = Number(process.env['AUDIT_PROXY_SEED'] ?? 20_261_124);

if (!Number.isInteger(SEED) || SEED < 0 || SEED > 0x7fff_ffff) {
  throw new Error(`AUDIT_PROXY_SEED "${process.env['AUDIT_PROXY_SEED']}" must be a whole number from 0 to 2147483647`);
}
