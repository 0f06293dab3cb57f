import { afterAll, vi } from 'vitest';

/** Files of tests share their process: what one has put in the place of something must not be there for the next. */
afterAll(() => void vi.restoreAllMocks());
