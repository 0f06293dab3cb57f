import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../bin/config/load-config';

function load(record: unknown) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'record-config-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'audit-proxy.json');
  fs.writeFileSync(file, JSON.stringify({ routes: [{ path: '/a', upstream: 'http://a', record }] }));
  return loadConfig(file).routes[0]?.record;
}

it('takes true for the defaults, false for nothing, and sizes with units', () => {
  expect(load({ capture: { request: true, response: false } })?.capture).toEqual({
    request: { contentTypes: expect.arrayContaining(['application/json']), maxBytes: 65_536 },
  });
  expect(load({ capture: { response: { maxSize: '2KiB' } } })?.capture.response?.maxBytes).toBe(2048);
  expect(load({ capture: { request: true, only: ['/a'] } })?.capture.only).toEqual(['/a']);
  expect(load(undefined)).toBeUndefined();
});

it.each([
  [{ headers: ['authorization'] }, 'routes[0].record.headers[0]: must not be a header that holds a secret'],
  [{ redact: { body: ['x'] }, capture: { request: true } }, 'routes[0].record.redact.body[0]: must be a JSON pointer'],
  [{ redact: { body: ['/x'] } }, 'routes[0].record.redact.body: must go with capture'],
  [{ capture: { request: { contentTypes: ['text/*'] } } }, 'routes[0].record.capture.request.contentTypes[0]: must be JSON'],
  [{ capture: { request: { acceptRisk: 'yes' } } }, 'routes[0].record.capture.request.acceptRisk: must be "secrets may be stored"'],
  [{ capture: { request: true, only: ['x'] } }, 'routes[0].record.capture.only[0]: must be a JSON pointer'],
  [{ capture: { only: ['/x'] } }, 'routes[0].record.capture.only: must go with request or response'],
  [{ capture: { request: { maxSize: '2MiB' } } }, 'routes[0].record.capture.request.maxSize: must be from 1 byte to 1 MiB'],
  [{ capture: { request: { maxSize: 'big' } } }, 'routes[0].record.capture.request.maxSize: must be a whole number with a unit'],
  [{ redact: { qery: ['x'] } }, 'routes[0].record.redact.qery: unknown key; did you mean "query"?'],
  [{ headers: 'x' }, 'routes[0].record.headers: must be a list of header names'],
  [{ capture: { request: { contentTypes: ['json'] } } }, 'routes[0].record.capture.request.contentTypes[0]: must be a content type'],
])('%j is refused', (record, message) => {
  expect(() => load(record)).toThrow(message);
}); // prettier-ignore
