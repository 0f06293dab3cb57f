// S3 with a real Object Lock on one machine: Ceph's radosgw over one monitor and one store in memory.
import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, missing, run } from './programs.mjs';

/** Programs, and the Debian packages that have them. */
const NEEDED = { radosgw: 'radosgw', 'radosgw-admin': 'radosgw', 'ceph-mon': 'ceph-mon', 'ceph-osd': 'ceph-osd', ceph: 'ceph-common', monmaptool: 'ceph-common' }; // prettier-ignore

/** For people: why it cannot be started here; undefined if it can. */
export function whyNoCeph() {
  const absent = missing(Object.keys(NEEDED));
  if (absent.length === 0) return undefined;
  const packages = [...new Set(absent.map((program) => NEEDED[program]))].join(' ');
  return `${absent.join(', ')} not found. On Debian: apt-get install --no-install-recommends ${packages}`;
}

/** Starts it in a folder. @returns where it is, and who may call */
export async function startCeph(programs, folder) {
  const [monitor, port] = [await freePort(), await freePort()];
  const file = path.join(folder, 'ceph.conf');
  const cluster = randomUUID();
  await mkdir(path.join(folder, 'osd'));
  await mkdir(path.join(folder, 'rgw'));
  await writeFile(file, configuration({ folder, cluster, monitor, port }));
  const conf = ['-c', file];

  run('monmaptool', ['--create', '--fsid', cluster, '--addv', 'a', address(monitor), 'monmap'], { cwd: folder });
  run('ceph-mon', [...conf, '--mkfs', '-i', 'a', '--monmap', path.join(folder, 'monmap')]);
  programs.start('ceph-mon', [...conf, '-f', '-i', 'a']);
  const store = randomUUID();
  run('ceph', [...conf, '--connect-timeout', '60', 'osd', 'new', store]);
  run('ceph-osd', [...conf, '-i', '0', '--mkfs', '--osd-uuid', store]);
  programs.start('ceph-osd', [...conf, '-f', '-i', '0']);

  const client = [...conf, '-n', 'client.rgw.lock'];
  const keys = { accessKeyId: 'lock', secretAccessKey: randomUUID() };
  const user = ['--uid=lock', '--display-name=lock', `--access-key=${keys.accessKeyId}`, `--secret-key=${keys.secretAccessKey}`]; // prettier-ignore
  run('radosgw-admin', [...client, 'user', 'create', ...user]);
  programs.start('radosgw', [...client, '-f']);
  const endpoint = `http://127.0.0.1:${port}`;
  await programs.answers(endpoint);
  const [version = ''] = run('radosgw', ['--version']).split('(');
  return { endpoint, ...keys, name: `Ceph's radosgw (${version.trim()})` };
}

const address = (port) => `[v2:127.0.0.1:${port}/0]`;

/** One of everything, nothing on disk, and nobody to keep out: it listens on the loopback interface only. */
function configuration({ folder, cluster, monitor, port }) {
  return `[global]
fsid = ${cluster}
mon host = ${address(monitor)}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
# Without keys it must not ask for an encrypted connection, which is made of them.
ms mon client mode = crc
osd objectstore = memstore
memstore device bytes = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
# A full disk is no concern of a store in memory.
mon data avail warn = 1
mon data avail crit = 1
mon data = ${folder}/mon
osd data = ${folder}/osd
run dir = ${folder}
admin socket = ${folder}/$name.asok
pid file = ${folder}/$name.pid
log file = ${folder}/$name.log
crash dir = ${folder}

[client.rgw.lock]
rgw data = ${folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:${port}
`;
}
