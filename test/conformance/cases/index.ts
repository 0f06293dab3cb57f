import type { Case } from '../case';
import { ambiguousPaths } from './ambiguous-paths';
import { answers } from './answers';
import { bodies } from './bodies';
import { forwarded } from './forwarded';
import { paths } from './paths';
import { queries } from './queries';
import { refusals } from './refusals';
import { requestHeaders } from './request-headers';
import { services } from './services';
import { smuggling } from './smuggling';

/** The whole table: what is sent, what the service sees of it, and what the caller gets. */
export const CASES: readonly Case[] = [
  ...paths,
  ...ambiguousPaths,
  ...queries,
  ...requestHeaders,
  ...forwarded,
  ...bodies,
  ...answers,
  ...services,
  ...refusals,
  ...smuggling,
];
