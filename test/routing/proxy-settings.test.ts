import { describe, expect, it } from 'vitest';
import {
  decodeSettings,
  encodeSettings,
  SETTINGS_VARIABLE,
  type ProxySettings,
} from '../../lib/routing/proxy-settings';
import { resolveRoute } from '../../lib/routing/route';

const SETTINGS: ProxySettings = {
  routes: [resolveRoute({ path: '/orders', upstream: 'http://orders.internal:8080/ä"' })],
  deliveryStreams: ['events-0', 'events-1'],
  fallbackBucket: 'trail',
  hedgeDelayMs: 250,
  recordingLimitMs: 2_000,
  provider: 'AWS',
  maxBodyBytes: 4_194_304,
  gatewaySecretHashes: ['ab'.repeat(32)],
};

describe('settings', () => {
  it('go through the environment unchanged', () => {
    expect(decodeSettings({ [SETTINGS_VARIABLE]: encodeSettings(SETTINGS) })).toEqual(SETTINGS);
  });

  it('must be there', () => {
    expect(() => decodeSettings({})).toThrow('environment variable AUDIT_PROXY_SETTINGS is not set');
  });

  it.each([
    ['no routes', { ...SETTINGS, routes: undefined }],
    ['routes that are no list', { ...SETTINGS, routes: {} }],
    ['no delivery stream', { ...SETTINGS, deliveryStreams: [] }],
    ['delivery streams that are no list', { ...SETTINGS, deliveryStreams: 'events' }],
  ])('must hold what the function needs: %s', (_, settings) => {
    const environment = { [SETTINGS_VARIABLE]: JSON.stringify(settings) };
    expect(() => decodeSettings(environment)).toThrow('must hold routes and deliveryStreams');
  });

  it('must be JSON', () => {
    expect(() => decodeSettings({ [SETTINGS_VARIABLE]: '{' })).toThrow(SyntaxError);
  });
});
