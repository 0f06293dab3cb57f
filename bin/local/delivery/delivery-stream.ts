import fs from 'node:fs/promises';
import path from 'node:path';
import { LockedFolder, type NewObjectStore, type ObjectStore } from '../locked-folder';
import { TRAIL_BUCKET } from '../trail-bucket';
import { conversionHere, ConversionThread } from './conversion';
import { Delivery, DELIVERY_DEFAULTS, type DeliveryOptions } from './delivery';
import { lockFolder } from './folder-lock';
import { DeliveryServer } from './server';
import { WriteAheadLog, type LogFiles } from './write-ahead-log';

export interface DeliveryStreamOptions extends Partial<DeliveryOptions> {
  /** The trail's folder; the write-ahead log lies in its `wal/`. */
  readonly data: string;
  /** Port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** Names of the streams that there are. */
  readonly streams: readonly string[];
  /** File of a program that serves conversions in a thread. Default: conversion in this thread. */
  readonly conversionProgram?: string;
  /** Default: one line each on stderr. */
  readonly warn?: (line: string) => void;
  /** Default: the folder `data`. */
  readonly store?: ObjectStore & NewObjectStore;
  /** Default: the file system. */
  readonly logFiles?: LogFiles;
}

export interface DeliveryStream {
  readonly port: number;
  /**
   * Takes no more records and delivers all it has.
   *
   * @param patienceMs how long a failing folder is tried. Default: 10 seconds.
   * @returns whether all is delivered; what is not stays in the write-ahead log for the next start.
   */
  stop(patienceMs?: number): Promise<boolean>;
}

/**
 * Starts what stands where Amazon Data Firehose does: PutRecord and PutRecordBatch over HTTP, a write-ahead log behind
 * the acknowledgement, and Snappy Parquet under the trail's keys a buffer later. What a process before this one took
 * and did not deliver is delivered first. On the same port it takes S3's PutObject for events that took the fallback.
 *
 * @throws Error where the folder cannot be used or the port is taken.
 */
export async function startDeliveryStream(options: DeliveryStreamOptions): Promise<DeliveryStream> {
  const { data, port, streams, warn = warnOnStderr } = options;
  const logFolder = path.resolve(data, 'wal');
  await fs.mkdir(logFolder, { recursive: true });
  const unlock = await lockFolder(logFolder);
  let thread: ConversionThread | undefined;
  try {
    const store = options.store ?? (await LockedFolder.open(data));
    const onTorn = (segment: string, bytes: number): void =>
      warn(`${segment}: dropped ${bytes} bytes that were being written when the process died`);
    const { log, recovered } = await WriteAheadLog.open(logFolder, onTorn, options.logFiles);
    if (options.conversionProgram !== undefined) thread = new ConversionThread(options.conversionProgram, logFolder);
    const convert = thread?.convert ?? conversionHere(logFolder);
    const delivery = new Delivery({ log, store, convert, warn }, { ...DELIVERY_DEFAULTS, ...options }, recovered);
    const objects = { bucket: TRAIL_BUCKET, store };
    const server = new DeliveryServer({ delivery, objects, streams: new Set(streams), now: Date.now, warn });
    const listening = await server.listen(port);
    // Not before: whoever finds the port taken must leave the folder alone.
    delivery.start();
    return {
      port: listening,
      async stop(patienceMs = 10_000) {
        await server.close();
        const delivered = await delivery.drain(patienceMs);
        await thread?.close();
        await unlock();
        return delivered;
      },
    };
  } catch (error) {
    await thread?.close();
    await unlock();
    throw error;
  }
}

function warnOnStderr(line: string): void {
  process.stderr.write(`delivery stream: ${line}\n`);
}
