// Writes the table of faults into docs/guarantees.md. `npm run docs:faults` runs it at the root of the repo.
import { readFileSync, writeFileSync } from 'node:fs';
import { FAULT_TABLE } from '../test/faults/table/groups';
import { withTable } from '../test/faults/table/markdown';

const PAGE = 'docs/guarantees.md';

writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), FAULT_TABLE));
