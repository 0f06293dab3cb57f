import path from 'node:path';
import { styleText } from 'node:util';
import type { LocalCaller } from '../config/config';
import { STREAM, type Pipeline } from '../local/pipeline';
import { FUNCTION_LOG } from '../local/runtime/pool';

export interface BannerOptions {
  /** The data folder as it was given. */
  readonly data: string;
  readonly colors: boolean;
}

/** What is running, and three things to try that work when pasted. */
export function startBanner(pipeline: Pipeline, options: BannerOptions): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    options.colors ? styleText(style, text) : text;
  const { payload, concurrency, streamingConcurrency } = pipeline;
  const streams = streamingConcurrency > 0;
  const rows: [string, string, string][] = [
    [
      'gateway',
      pipeline.url,
      `${payload === 'v1' ? 'REST' : 'HTTP'} API (payload ${payload}), ${concurrency} at a time${streams ? ` and ${streamingConcurrency} streams` : ''}`,
    ],
    ...pipeline.routes.map(({ path: prefix, upstream, service, streaming }): [string, string, string] => [
      `  ${prefix}`,
      upstream,
      [service, pipeline.samples.includes(service) && 'a sample service', streams && streaming && 'streamed']
        .filter((word) => typeof word === 'string')
        .join(', '),
    ]),
    ['delivery', `http://127.0.0.1:${pipeline.deliveryPort}`, `${streamsOf(pipeline)}, every second`],
    ['trail', path.join(options.data, '/'), `what the function prints: ${path.join(options.data, FUNCTION_LOG)}`],
    ['ledger', path.join(options.data, 'ledger', '/'), `sealed every second, signed as ${pipeline.vkey}`],
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map(
    ([name, value, note]) =>
      `  ${paint('bold', name.padEnd(widths[0] ?? 0))}   ${paint('cyan', value.padEnd(widths[1] ?? 0))}   ${paint('dim', note)}`,
  );
  return [
    '',
    `${paint(['bold', 'green'], 'audit-proxy is running')}   ${paint('dim', 'Ctrl-C stops it, and keeps every event')}`,
    '',
    ...table,
    '',
    paint('dim', 'Authorization is not enforced on one machine: a known bearer token stands for its caller,'),
    paint('dim', 'everybody else is let through as anonymous.'),
    '',
    paint('bold', 'Try, in another terminal:'),
    '',
    ...thingsToTry(pipeline, options.data).map((command) => `  ${command}`),
    '',
    '',
  ].join('\n');
}

function streamsOf({ config }: Pipeline): string {
  const { streams } = config.recording;
  return streams === 1 ? `stream ${STREAM}` : `${streams} streams`;
}

/** Commands for a POSIX shell. */
export function thingsToTry({ url, routes, config }: Pipeline, data: string): string[] {
  const [first] = routes;
  const target = quote(`${url}${first?.path ?? '/'}`);
  const [token] = Object.keys(config.local.callers).filter(isTellable(config.local.callers));
  const bearer = token === undefined ? '' : `-H ${quote(`Authorization: Bearer ${token}`)} `;
  const local = data === '.audit' ? '' : ` --local ${quote(data)}`;
  return [
    `curl ${bearer}${target}`,
    `curl ${bearer}-H 'Content-Type: application/json' -d '{"item":"oolong","quantity":3}' ${target}`,
    `npx audit-proxy events${local}`,
  ];
}

/** Callers with a name first of all: they look best in the events. */
function isTellable(callers: Readonly<Record<string, LocalCaller>>): (token: string) => boolean {
  const isClaims = (token: string) => callers[token]?.claims !== undefined;
  return Object.keys(callers).some(isClaims) ? isClaims : () => true;
}

/** Quoted for a POSIX shell where needed. */
export function quote(text: string): string {
  return /^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
