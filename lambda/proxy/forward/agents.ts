import type { Agent, AgentOptions } from 'node:https';
import type { Agent as HttpAgent } from 'node:http';
import type { Socket } from 'node:net';
import { http, https } from '../../recorder/aws/builtin-http';
import { endedWithAnswer } from './answer-boundary';

/** The open connections to a service. */
export interface Agents {
  /** Keeps connections for the requests to come. */
  readonly kept: HttpAgent;
  /** Gives each request a connection of its own, which is closed after it. */
  readonly single: HttpAgent;
}

/** What node:http calls, and lets be overridden, before it keeps a connection; its types do not have it everywhere. */
interface KeepingAgent {
  keepSocketAlive(socket: Socket): boolean;
}

/** @param options of TLS; there are none without */
export function agentsOf(secure: boolean, options: AgentOptions = {}): Agents {
  const agent = (more: AgentOptions): Agent | HttpAgent =>
    secure ? new https.Agent({ ...options, ...more }) : new http.Agent(more);
  const kept = agent({ keepAlive: true, scheduling: 'lifo' });
  const keeping = kept as unknown as KeepingAgent;
  const keep = keeping.keepSocketAlive.bind(kept);
  keeping.keepSocketAlive = (socket) => {
    socket.resume(); // So that bytes that nobody asked for are read, and destroy it.
    return endedWithAnswer(socket) && keep(socket);
  };
  return { kept, single: agent({ keepAlive: false }) };
}
