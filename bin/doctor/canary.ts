import { randomUUID } from 'node:crypto';

/** A request that can be told from all others. */
export interface Canary {
  /** Path below the API's URL, without a slash in front. No service has it. */
  readonly path: string;
  /** `http_request.user_agent` of its events, by which they can be told from those of real callers. */
  readonly userAgent: string;
}

export function newCanary(version: string): Canary {
  return { path: `audit-proxy-doctor/${randomUUID()}`, userAgent: `audit-proxy-doctor/${version}` };
}

/** How the API answered. */
export interface Answered {
  /** That the API was asked for, with a slash in front and after whatever the API's own address has. */
  readonly path: string;
  readonly status: number;
  /** Undefined where the proxy function did not answer. */
  readonly requestId: string | undefined;
  /** Around the request, epoch milliseconds. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Adds what the API asks of a caller. */
export type Sign = (url: URL, headers: Readonly<Record<string, string>>) => Promise<Readonly<Record<string, string>>>;

const LIMIT_MS = 40_000;

/** Sends the canary. @throws Error if nothing answers */
export async function send({ path, userAgent }: Canary, baseUrl: string, sign: Sign): Promise<Answered> {
  const url = new URL(path, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  const headers = await sign(url, { 'user-agent': userAgent });
  const sentAt = Date.now();
  const signal = AbortSignal.timeout(LIMIT_MS);
  const response = await fetch(url, { headers, signal, redirect: 'manual' }).catch((error: unknown) => {
    const cause = (error as { cause?: unknown }).cause ?? error;
    throw new Error(`${url.origin} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`);
  });
  await response.arrayBuffer();
  const requestId = response.headers.get('x-request-id') ?? undefined;
  return { path: `/${path}`, status: response.status, requestId, sentAt, answeredAt: Date.now() };
}
