import { kills } from './kills';
import type { FaultGroup } from './row';
import { serviceFaults } from './service-faults';
import { sinkFaults } from './sink-faults';

/** The whole table, in the order of the documentation. */
export const FAULT_TABLE: readonly FaultGroup[] = [sinkFaults, serviceFaults, kills];
