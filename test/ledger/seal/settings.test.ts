import { expect, it } from 'vitest';
import { decodeSealerSettings, encodeSealerSettings } from '../../../lib/ledger/seal/settings';

const settings = {
  bucket: 'b',
  keyId: 'k',
  origin: 'example.com/trail',
  sweepHours: 24,
  metricNamespace: 'AuditProxy',
};

it('passes the settings from whoever writes them to the sealer', () => {
  expect(decodeSealerSettings({ SEALER_SETTINGS: encodeSealerSettings(settings) })).toEqual(settings);
});

it.each([
  {},
  { ...settings, bucket: '' },
  { ...settings, keyId: undefined },
  { ...settings, origin: 'with space' },
  { ...settings, origin: 'with+plus' },
  { ...settings, sweepHours: 0 },
  { ...settings, sweepHours: 1.5 },
  { ...settings, minTreeSize: -1 },
  { ...settings, minTreeSize: 0.5 },
])('refuses what is incomplete: %j', (wrong) => {
  expect(() => decodeSealerSettings({ SEALER_SETTINGS: JSON.stringify(wrong) })).toThrow('SEALER_SETTINGS must hold');
});

it('wants to be told', () => {
  expect(() => decodeSealerSettings({})).toThrow('SEALER_SETTINGS is not set');
});
