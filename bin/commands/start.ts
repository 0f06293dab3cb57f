import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { startPipeline, type PayloadVersion } from '../local/pipeline';
import { startBanner } from './start-banner';
import { endText, isComplete, onlyLogged } from './start-end';

interface StartOptions {
  readonly port: number;
  readonly config?: string;
  readonly data: string;
  readonly payload?: PayloadVersion;
  readonly concurrency?: number;
}

/** Most environments: each is a process of some 60 MB. */
const MAX_CONCURRENCY = 64;

const HELP = `
Without --config, two small sample services are started too, so that there is something to call.
The first Ctrl-C stops in order and keeps every event; the second one at once (what was acknowledged is safe). Answers that
are being streamed then have two seconds to come to their end; they are recorded as far as they came.

An event that no sink takes (disk full) goes to function.log in the data folder, and to stderr if that cannot be written.

Exit codes:
  0  stopped, and every event is in the trail
  2  it could not start, or some events are not in the trail yet; it says which, and what brings them in`;

export function startCommand(): Command {
  return new Command('start')
    .description('run the whole pipeline on this machine: gateway, proxy function, delivery stream, local trail')
    .addOption(
      new Option('--port <number>', 'port of the gateway on 127.0.0.1; 0 takes a free one')
        .env('PORT')
        .argParser((text) => wholeNumber(text, 0, 65_535))
        .default(8080),
    )
    .option('--config <file>', 'routes and options (default: audit-proxy.json of this package)')
    .option('--data <dir>', 'folder of the trail', '.audit')
    .addOption(
      new Option(
        '--payload <version>',
        "events of a REST API (v1) or of an HTTP API (v2); default: by the config's api.type",
      ).choices(['v1', 'v2']),
    )
    .addOption(
      new Option(
        '--concurrency <number>',
        'requests that the function serves at once, besides those that are streamed (default: one a processor, 2 to 4)',
      ).argParser((text) => wholeNumber(text, 1, MAX_CONCURRENCY)),
    )
    .addHelpText('after', HELP)
    .action(start);
}

async function start({ config, data, ...options }: StartOptions): Promise<void> {
  const pipeline = await startPipeline({
    ...options,
    dataFolder: data,
    ...(config !== undefined && { configFile: config }),
  });
  // Before the banner: whoever reads it may answer with Ctrl-C at once.
  const told = toldToStop();
  process.stdout.write(startBanner(pipeline, { data, colors: process.stdout.isTTY && !process.env['NO_COLOR'] }));

  await told;
  process.stdout.write('\nstopping: finishing requests, delivering events (Ctrl-C again stops at once)\n');
  const delivered = await pipeline.stop();
  const end = { delivered, logged: await onlyLogged(pipeline.dataFolder), printed: pipeline.printedEvents() };
  process.stdout.write(endText(end, data));
  await flushed(process.stderr);
  process.exit(isComplete(end) ? 0 : 2);
}

/** How long a reader of stderr that is slow is waited for, in milliseconds. */
const FLUSH_LIMIT_MS = 10_000;

/** Resolves when a stream's reader has all of it, or does not read: events may have been printed on it, and only there. */
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  const written = new Promise<void>((resolve) => stream.write('', () => resolve()));
  await Promise.race([written, sleep(FLUSH_LIMIT_MS)]);
}

/** Resolves at the first Ctrl-C or SIGTERM; the second one ends the process at once. */
function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let told = false;
    const onSignal = () => {
      if (told) process.exit(130);
      told = true;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  }
  return value;
}
