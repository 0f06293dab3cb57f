import type { ClientRequest, IncomingMessage } from 'node:http';
import { http } from './aws/builtin-http';

/**
 * An internal extension: it holds the environment after the answer has gone out until the work that came after it is
 * done. The platform freezes an environment (or hands it the next request) only when the runtime and every extension have
 * asked for their next event.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 */
export class LambdaExtension {
  private readonly finished: (() => void)[] = [];
  private unclaimed = 0;
  private holding = true;

  private constructor(
    private readonly api: string,
    private readonly id: string,
  ) {}

  /**
   * Registers for INVOKE events. Must be awaited before the handler is known to the runtime (top-level await), else the
   * platform takes it for too late.
   *
   * @param api host and port of the Extensions API (AWS_LAMBDA_RUNTIME_API)
   * @param initializationType Default: that of this environment. Lambda Managed Instances run several invocations at once
   *   and know no INVOKE events; they are not asked, as a refused registration might count as a failed init phase.
   * @returns undefined where the platform has no such API or refuses
   */
  static async register(
    api: string | undefined,
    name = 'audit-recorder',
    initializationType = process.env.AWS_LAMBDA_INITIALIZATION_TYPE,
  ): Promise<LambdaExtension | undefined> {
    if (!api || initializationType === 'lambda-managed-instances') return undefined;
    try {
      const { status, headers } = await call(
        api,
        'POST',
        '/2020-01-01/extension/register',
        {
          'Lambda-Extension-Name': name,
          'Content-Type': 'application/json',
        },
        JSON.stringify({ events: ['INVOKE'] }),
      );
      const id = headers['lambda-extension-identifier'];
      if (status !== 200 || typeof id !== 'string') return undefined;
      const extension = new LambdaExtension(api, id);
      void extension.loop();
      return extension;
    } catch {
      return undefined;
    }
  }

  /** Whether work after the response is safe: the platform waits for this extension. */
  get holds(): boolean {
    return this.holding;
  }

  /** Says that all work of one invocation is done. Called exactly once for each. */
  invocationDone(): void {
    const next = this.finished.shift();
    if (next) next();
    else this.unclaimed += 1;
  }

  private async loop(): Promise<void> {
    for (;;) {
      try {
        const { status } = await call(this.api, 'GET', '/2020-01-01/extension/event/next', {
          'Lambda-Extension-Identifier': this.id,
        });
        if (status !== 200) break;
      } catch {
        break; // The platform is going away, and this process with it.
      }
      await this.waitForInvocation();
    }
    this.holding = false;
  }

  private waitForInvocation(): Promise<void> {
    if (this.unclaimed > 0) {
      this.unclaimed -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.finished.push(resolve));
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
}

function call(api: string, method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = http.request(
      `http://${api}${path}`,
      { method, headers, agent: false },
      (response) => {
        response.resume();
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers }));
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
