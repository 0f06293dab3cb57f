import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundlePath } from '../../lib/private/bundle';

describe('bundlePath', () => {
  let root: string;
  beforeEach(() => {
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'audit-proxy-package-'));
    fs.writeFileSync(path.join(root, 'package.json'), '{ "name": "cdk-audit-proxy" }');
    for (const folder of ['lib/private', 'dist/private', 'dist/bin', 'dist/lambda/proxy']) {
      fs.mkdirSync(path.join(root, folder), { recursive: true });
    }
  });
  afterEach(() => fs.rmSync(root, { recursive: true }));

  it.each(['lib/private', 'dist/private', 'dist/bin'])('is found from %s', (from) => {
    fs.writeFileSync(path.join(root, 'dist/lambda/proxy/index.mjs'), '');
    expect(bundlePath('proxy', path.join(root, from))).toBe(path.join(root, 'dist/lambda/proxy'));
  });

  it('says which command makes the bundle that is missing', () => {
    expect(() => bundlePath('proxy', path.join(root, 'dist/bin'))).toThrow(
      `the function bundle dist/lambda/proxy is missing in ${root}; run "npm run bundle" there`,
    );
  });

  it('does not take another package for its own', () => {
    fs.writeFileSync(path.join(root, 'package.json'), '{ "name": "shop" }');
    expect(() => bundlePath('proxy', path.join(root, 'dist/bin'))).toThrow('no package.json of cdk-audit-proxy above');
  });
});
