import type http from 'node:http';
import type net from 'node:net';

/** Which connections the gateway has, and what is under way on them. */
export class Connections {
  private readonly open = new Set<net.Socket>();
  private readonly underWay = new Set<http.ServerResponse>();
  private closing = false;

  constructor(server: http.Server) {
    server.on('connection', (socket) => {
      this.open.add(socket);
      // For as long as it lives: Node takes its own handler away where it hands a socket over, e.g. with CONNECT, and an error
      // that nobody handles would end the process. What was under way on it hears of the end by other events.
      socket.on('error', () => undefined);
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /** A request came that this response will answer. */
  begin(response: http.ServerResponse): void {
    this.underWay.add(response);
    response.once('close', () => {
      this.underWay.delete(response);
      if (this.closing) this.closeIdle();
    });
  }

  isBusy(socket: unknown): boolean {
    return this.requestsOn(socket).length > 0;
  }

  /**
   * Closes those on which no request has arrived, or not wholly its head, and the others once nothing is under way on them:
   * Node's own `close` waits for these.
   */
  closeIdle(): void {
    this.closing = true;
    for (const socket of this.open) if (!this.isBusy(socket)) socket.destroy();
  }

  /** Closes those whose client has not sent its request to the end. */
  closeUnfinished(): void {
    for (const socket of this.open) {
      if (this.requestsOn(socket).every((request) => !request.complete)) socket.destroy();
    }
  }

  /** Requests that are not answered yet; several where the client sends ahead. */
  private requestsOn(socket: unknown): http.IncomingMessage[] {
    return [...this.underWay].map(({ req }) => req).filter((request) => request.socket === socket);
  }
}
