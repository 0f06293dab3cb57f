import type { AgentOptions } from 'node:https';
import type { Connection } from '../../../lib/routing/connection';
import { agentsOf, type Agents } from './agents';

/** How old certificates must be to be read again after a connection could not be made: they may have been rotated. */
const REREAD_AFTER_MS = 60_000;

/** Connections to a service with certificates of our choice, which are secrets and read when they are first needed. */
export class SecretTls {
  private made: { readonly agents: Promise<Agents>; readonly at: number } | undefined;

  /** @param read text of a secret */
  constructor(
    private readonly connection: Pick<Connection, 'serverName' | 'ca' | 'clientCertificate'>,
    private readonly read: (id: string) => Promise<string>,
  ) {}

  /** @throws Error if a secret cannot be read or holds no certificate; it is read again the next time */
  async agents(): Promise<Agents> {
    this.made ??= { agents: this.make(), at: performance.now() };
    try {
      return await this.made.agents;
    } catch (error) {
      this.made = undefined;
      throw error;
    }
  }

  /** A connection could not be made. */
  unreachable(): void {
    if (this.made && performance.now() - this.made.at > REREAD_AFTER_MS) this.made = undefined;
  }

  private async make(): Promise<Agents> {
    const { serverName, ca, clientCertificate } = this.connection;
    const text = async (id: string | undefined) => (id === undefined ? undefined : this.read(id));
    const [caText, clientText] = await Promise.all([text(ca), text(clientCertificate)]);
    const options: AgentOptions = {
      ...(serverName && { servername: serverName }),
      ...(caText && { ca: caText }),
      ...(clientText && { cert: clientText, key: clientText }),
    };
    // Faults in a PEM show here, not at every request.
    process.getBuiltinModule('node:tls').createSecureContext(options);
    return agentsOf(true, options);
  }
}
