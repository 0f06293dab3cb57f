import { MalformedAnswer } from './api';
import type { Header } from './client-request';

/** Pieces of a function's answer that both payload versions share. Each throws MalformedAnswer. */

export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswer('the answer is not JSON');
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A final status. Numbers in strings are taken, as API Gateway does. */
export function statusOf(value: unknown): number {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new MalformedAnswer('statusCode is not a status from 200 to 599');
  }
  return status;
}

export function headersOf(value: unknown): Header[] {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) throw new MalformedAnswer('headers is not an object');
  return Object.entries(value).map(([name, one]) => [name, scalarText(one, name)]);
}

export function scalarText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new MalformedAnswer(`header ${name} is not a string`);
}

export function cookiesOf(value: unknown): Header[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedAnswer('cookies is not a list');
  return value.map((cookie): Header => {
    if (typeof cookie !== 'string') throw new MalformedAnswer('a cookie is not a string');
    return ['Set-Cookie', cookie];
  });
}

export function bodyOf(value: unknown, isBase64Encoded: unknown): Buffer {
  if (isBase64Encoded !== undefined && isBase64Encoded !== null && typeof isBase64Encoded !== 'boolean') {
    throw new MalformedAnswer('isBase64Encoded is not true or false');
  }
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (typeof value !== 'string') throw new MalformedAnswer('body is not a string');
  if (isBase64Encoded !== true) return Buffer.from(value, 'utf8');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(value)) throw new MalformedAnswer('body is not base64', 'body_not_base64');
  return Buffer.from(value, 'base64');
}
