import fc from 'fast-check';
import { afterAll, vi } from 'vitest';
import { SEED } from './seed';

fc.configureGlobal({ seed: SEED });

/** Files of tests share their process: what one has put in the place of something must not be there for the next. */
afterAll(() => void vi.restoreAllMocks());
