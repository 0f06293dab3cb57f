import type { ClientRequest, IncomingMessage } from 'node:http';
import type { HttpHandlerOptions, HttpRequest, HttpResponse } from '@smithy/types';
import { http, https } from './builtin-http';

/** An agent each, so that sinks keep their connections open between invocations. */
const agents = {
  'http:': new http.Agent({ keepAlive: true }),
  'https:': new https.Agent({ keepAlive: true }),
};

/**
 * The HTTP handler of the AWS SDK client, cut down to what a PutRecord needs: one request with its whole body in memory,
 * one answer read whole, keep-alive, abort.
 */
export class NodeHttpHandler {
  static create(): NodeHttpHandler {
    return new NodeHttpHandler();
  }

  readonly metadata = { handlerProtocol: 'http/1.1' };

  async handle(request: HttpRequest, options: HttpHandlerOptions = {}): Promise<{ response: HttpResponse }> {
    const { abortSignal } = options;
    const module = request.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
      let outgoing: ClientRequest | undefined = undefined;
      const onAbort = () => {
        const error = Object.assign(new Error('the sink did not answer in time'), { name: 'AbortError' });
        outgoing?.destroy(error);
        reject(error);
      };
      if (abortSignal?.aborted) return onAbort();
      outgoing = module.request(
        {
          agent: agents[request.protocol === 'http:' ? 'http:' : 'https:'],
          host: request.hostname,
          port: request.port,
          method: request.method,
          path: request.path,
          headers: request.headers,
        },
        (incoming) => {
          collect(incoming).then(
            (body) => resolve({ response: { statusCode: incoming.statusCode ?? 0, headers: flat(incoming), body } }),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      if (abortSignal) listenForAbort(abortSignal, onAbort, outgoing);
      outgoing.end(request.body);
    });
  }

  destroy(): void {
    // Agents are shared by all clients of the process and live as long as it.
  }

  updateHttpClientConfig(): void {
    // Nothing to configure: time limits come by the abort signal.
  }

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }
}

function listenForAbort(
  signal: NonNullable<HttpHandlerOptions['abortSignal']>,
  onAbort: () => void,
  outgoing: ClientRequest,
): void {
  if (!('addEventListener' in signal) || typeof signal.addEventListener !== 'function') return;
  signal.addEventListener('abort', onAbort);
  outgoing.on('close', () => (signal as AbortSignal).removeEventListener('abort', onAbort));
}

async function collect(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function flat(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** The SDK asks for it where an answer streams; ours are read whole. */
export async function streamCollector(body: Uint8Array): Promise<Uint8Array> {
  return body;
}
