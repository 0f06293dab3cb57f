import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { CLI, temporaryFolder, upstreamThat } from '../start/start-fixture';

/** A config with one route for each way of answering what could not be recorded, and which of them the service was called on. */
export async function guaranteedRoutes() {
  const called: string[] = [];
  const upstream = await upstreamThat((request, response) => {
    called.push(request.url ?? '');
    response.end('from the service');
  });
  const routes = [
    { path: '/before', upstream, guarantee: 'BEFORE_FORWARD' },
    { path: '/answer', upstream, guarantee: 'BEFORE_RESPONSE', onUnrecorded: 'answer' },
    { path: '/refuse', upstream, guarantee: 'BEFORE_RESPONSE', onUnrecorded: 'refuse' },
  ];
  const config = path.join(temporaryFolder(), 'config.json');
  writeFileSync(config, JSON.stringify({ routes }));
  return { config, called };
}

/** Calls each route once. @returns what the callers got, and which paths the service was called on */
export async function callEach(url: string, called: string[]) {
  const before = called.length;
  const answers: Record<string, number> = {};
  for (const route of ['/before', '/answer', '/refuse']) {
    const response = await fetch(url + route);
    answers[route] = response.status;
    await response.text();
  }
  return { answers, called: called.slice(before) };
}

/** What the guarantees say of a request whose event no sink takes. */
export const UNRECORDED = {
  answers: { '/before': 503, '/answer': 200, '/refuse': 503 },
  called: ['/answer', '/refuse'],
};

/** What they say of one whose event is taken. */
export const RECORDED = {
  answers: { '/before': 200, '/answer': 200, '/refuse': 200 },
  called: ['/before', '/answer', '/refuse'],
};

/** Runs a command to its end. */
export function audit(...args: string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}
