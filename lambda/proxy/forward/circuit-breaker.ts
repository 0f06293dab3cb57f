import type { Connection } from '../../../lib/routing/connection';

/**
 * Keeps requests from a service that has failed too often in a row, so that callers need not wait for what will fail, and the
 * service gets time to recover. After a while one request is let through to try; if that goes well, all are.
 *
 * Each function environment has its own view of a service.
 */
export class CircuitBreaker {
  private failures = 0;
  private openUntil = 0;
  private trying = false;

  /** @param onOpen told when requests begin to be refused */
  constructor(
    private readonly connection: Pick<Connection, 'circuitFailures' | 'circuitOpenMs'>,
    private readonly onOpen: () => void = () => undefined,
  ) {}

  /**
   * Asks to let a request through; if so, its end must be told.
   *
   * @param now monotonic milliseconds
   * @returns after how many seconds to ask again, if it is refused
   */
  refuse(now: number): number | undefined {
    if (!this.isOpen) return undefined;
    if (now < this.openUntil) return Math.ceil((this.openUntil - now) / 1000);
    if (this.trying) return 1;
    this.trying = true;
    return undefined;
  }

  succeeded(): void {
    this.failures = 0;
    this.trying = false;
  }

  /** The request goes on for long, or ended for reasons that say nothing of the service: others need not wait for it. */
  undecided(): void {
    this.trying = false;
  }

  failed(now: number): void {
    const wasOpen = this.isOpen;
    this.failures += 1;
    this.trying = false;
    if (!this.isOpen) return;
    this.openUntil = now + this.connection.circuitOpenMs;
    if (!wasOpen) this.onOpen();
  }

  private get isOpen(): boolean {
    const { circuitFailures } = this.connection;
    return circuitFailures > 0 && this.failures >= circuitFailures;
  }
}
