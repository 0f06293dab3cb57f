// Writes docs/data-dictionary.md from the event schema. `npm run docs:dictionary` runs it at the root of the repo.
import { writeFileSync } from 'node:fs';
import { dataDictionary } from '../lib/event/dictionary';

writeFileSync('docs/data-dictionary.md', dataDictionary());
