import type { GuaranteeName } from '../routes';
import type { World, WorldOptions } from '../world';

/** One request under a fault. */
export interface Scene {
  readonly world: World;
  readonly guarantee: GuaranteeName;
  readonly marker: string;
  /** Makes the client go away. */
  readonly abandon: () => void;
}

/** One fault, and what follows from it under each guarantee. */
export interface FaultRow extends Readonly<Record<GuaranteeName, string>> {
  /** As the documentation names it. */
  readonly fault: string;
  readonly recording?: Partial<WorldOptions['recording']>;
  readonly endpoints?: (closedPort: number) => NonNullable<ReturnType<NonNullable<WorldOptions['endpoints']>>>;
  /** Whether the request is for a service that nobody answers for. */
  readonly serviceIsDown?: boolean;
  /** Prepares the fault, before the request is sent. */
  readonly arrange?: (scene: Scene) => void;
}

/** Faults that are alike. */
export interface FaultGroup {
  readonly title: string;
  readonly rows: readonly FaultRow[];
}
