import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Version {
  readonly id: string;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
  readonly isDeleteMarker: boolean;
  readonly lock: Lock | undefined;
}

interface Lock {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  readonly retainUntil: Date;
}

const DAY_MS = 86_400_000;

/**
 * One bucket with versions behind real HTTP, as far as sealing and verifying ask: conditional writes, versions, ranges,
 * listings, and what is told of locks. It locks nothing itself: attacks reach into `objects`.
 */
export class S3Server {
  /** Versions of each key, the latest last. */
  readonly objects = new Map<string, Version[]>();
  readonly requests: { readonly method: string; readonly url: string; readonly headers: http.IncomingHttpHeaders }[] =
    [];
  /** Default retention of the bucket, COMPLIANCE; undefined: it has no Object Lock. */
  retentionDays: number | undefined;
  /** Whether the caller lacks s3:GetObjectRetention. */
  hidesLocks = false;
  /** Entries on a page of a listing. */
  pageSize = 1_000;
  /** What to answer instead, for as long as it says something. */
  fault: (method: string, key: string) => { status: number; code: string } | undefined = () => undefined;
  url = '';
  private count = 0;

  static async start(): Promise<S3Server> {
    const s3 = new S3Server();
    const server = http.createServer((request, response) => void s3.handle(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    s3.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return s3;
  }

  add(key: string, bytes: Uint8Array | string, { modified = new Date(), isDeleteMarker = false } = {}): string {
    const id = `version.${(this.count += 1)}`;
    const versions = this.objects.get(key) ?? [];
    const lock = isDeleteMarker ? undefined : this.defaultLock(modified);
    const version = { id, bytes: Buffer.from(bytes), etag: `"etag-${this.count}"`, modified, isDeleteMarker, lock };
    this.objects.set(key, [...versions, version]);
    return id;
  }

  /** Goes on from the state of another one. */
  continueFrom(other: S3Server): void {
    other.objects.forEach((versions, key) => this.objects.set(key, versions));
    this.retentionDays = other.retentionDays;
    this.count = other.count;
  }

  /** What S3 would not do, and an attacker of it would. @param change of each version; undefined removes it */
  tamper(key: string, change: (version: Version) => Version | undefined): void {
    const versions = this.objects.get(key)!.map(change);
    this.objects.set(key, versions.filter((version) => version !== undefined)); // prettier-ignore
  }

  private defaultLock(modified: Date): Lock | undefined {
    if (this.retentionDays === undefined) return undefined;
    return { mode: 'COMPLIANCE', retainUntil: new Date(modified.getTime() + this.retentionDays * DAY_MS) };
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', this.url);
    this.requests.push({ method, url: request.url ?? '', headers });
    const body = await buffer(request);
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const answer =
      this.failure(method, key) ??
      (method === 'PUT' ? this.put(key, body, headers) : key === '' ? this.list(url.searchParams) : this.read(key, url.searchParams, headers)); // prettier-ignore
    response.writeHead(answer.status, { 'content-length': answer.body.length, ...answer.headers });
    response.end(answer.body);
  }

  private failure(method: string, key: string): Answer | undefined {
    const fault = this.fault(method, key);
    return fault && refusal(fault.status, fault.code);
  }

  private put(key: string, body: Buffer, headers: http.IncomingHttpHeaders): Answer {
    const sha256 = createHash('sha256').update(body).digest('base64');
    if (headers['x-amz-checksum-sha256'] !== sha256) return refusal(400, 'InvalidRequest');
    // A delete marker counts as absent. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    const latest = this.objects.get(key)?.at(-1);
    const current = latest?.isDeleteMarker === true ? undefined : latest;
    if (headers['if-none-match'] === '*' && current !== undefined) return refusal(412, 'PreconditionFailed');
    if (headers['if-match'] !== undefined && current === undefined) return refusal(404, 'NoSuchKey');
    if (headers['if-match'] !== undefined && headers['if-match'] !== current?.etag) return refusal(412, 'PreconditionFailed'); // prettier-ignore
    this.add(key, body);
    return { status: 200, headers: { etag: this.objects.get(key)!.at(-1)!.etag }, body: Buffer.alloc(0) };
  }

  private read(key: string, query: URLSearchParams, { range }: http.IncomingHttpHeaders): Answer {
    const id = query.get('versionId');
    const versions = this.objects.get(key) ?? [];
    const found = id === null ? versions.at(-1) : versions.find((version) => version.id === id);
    if (found === undefined) return refusal(404, id === null ? 'NoSuchKey' : 'NoSuchVersion');
    if (found.isDeleteMarker) return id === null ? refusal(404, 'NoSuchKey') : refusal(405, 'MethodNotAllowed');
    if (query.has('retention')) return this.retentionOf(found);
    const headers = { etag: found.etag, ...this.lockHeaders(found) };
    if (range === undefined) return { status: 200, headers, body: found.bytes };
    const [first, last] = /^bytes=(\d+)-(\d+)$/.exec(range)!.slice(1).map(Number) as [number, number];
    return { status: 206, headers, body: found.bytes.subarray(first, last + 1) };
  }

  private lockHeaders({ lock }: Version): http.OutgoingHttpHeaders {
    if (lock === undefined || this.hidesLocks) return {};
    const { mode, retainUntil } = lock;
    return { 'x-amz-object-lock-mode': mode, 'x-amz-object-lock-retain-until-date': retainUntil.toISOString() };
  }

  private retentionOf({ lock }: Version): Answer {
    if (this.hidesLocks) return refusal(403, 'AccessDenied');
    if (lock === undefined) return refusal(404, 'NoSuchObjectLockConfiguration');
    const { mode, retainUntil } = lock;
    return xml(`<Retention><Mode>${mode}</Mode><RetainUntilDate>${retainUntil.toISOString()}</RetainUntilDate></Retention>`); // prettier-ignore
  }

  private lockConfiguration(): Answer {
    if (this.retentionDays === undefined) return refusal(404, 'ObjectLockConfigurationNotFoundError');
    const rule = `<Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>${this.retentionDays}</Days></DefaultRetention></Rule>`;
    return xml(`<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`); // prettier-ignore
  }

  private list(query: URLSearchParams): Answer {
    if (query.has('object-lock')) return this.lockConfiguration();
    const prefix = query.get('prefix') ?? '';
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    if (query.has('versions')) return this.listVersions(keys, query);
    const shown = keys.filter((key) => this.objects.get(key)!.at(-1)?.isDeleteMarker === false);
    return this.listObjects(shown, prefix, query);
  }

  private listObjects(keys: readonly string[], prefix: string, query: URLSearchParams): Answer {
    const delimiter = query.get('delimiter');
    const isBelow = (key: string) => delimiter !== null && key.slice(prefix.length).includes(delimiter);
    const folder = (key: string) => key.slice(0, key.indexOf('/', prefix.length) + 1);
    const items = [...new Set(keys.map((key) => (isBelow(key) ? folder(key) : key)))];
    const start = Number(query.get('continuation-token') ?? 0);
    const page = items.slice(start, start + this.pageSize);
    const next = start + this.pageSize < items.length ? `<NextContinuationToken>${start + this.pageSize}</NextContinuationToken>` : ''; // prettier-ignore
    const entry = (item: string) => item.endsWith('/') ? `<CommonPrefixes><Prefix>${item}</Prefix></CommonPrefixes>` : `<Contents><Key>${item}</Key></Contents>`; // prettier-ignore
    return xml(`<ListBucketResult>${page.map(entry).join('')}${next}</ListBucketResult>`);
  }

  private listVersions(keys: readonly string[], query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const isBelow = (key: string) => query.has('delimiter') && key.slice(prefix.length).includes('/');
    const all = keys
      .filter((key) => !isBelow(key))
      .flatMap((key) => [...this.objects.get(key)!].reverse().map((version) => ({ key, version })));
    const [key, id] = [query.get('key-marker'), query.get('version-id-marker')];
    const start = all.findIndex((item) => item.key === key && item.version.id === id) + 1;
    const page = all.slice(start, start + Math.min(this.pageSize, Number(query.get('max-keys') ?? 1_000)));
    const entries = page.map(({ key: name, version: { id: version, isDeleteMarker, modified, bytes } }) => {
      const element = isDeleteMarker ? 'DeleteMarker' : 'Version';
      const size = isDeleteMarker ? '' : `<Size>${bytes.length}</Size>`;
      return `<${element}><Key>${encoded(name)}</Key><VersionId>${version}</VersionId><LastModified>${modified.toISOString()}</LastModified>${size}</${element}>`;
    });
    const last = page.at(-1);
    const isTruncated = last !== undefined && start + page.length < all.length;
    const next = isTruncated ? `<NextKeyMarker>${encoded(last.key)}</NextKeyMarker><NextVersionIdMarker>${last.version.id}</NextVersionIdMarker>` : ''; // prettier-ignore
    // Nobody here has more than a page of folders.
    const below = keys.filter(isBelow).map((name) => name.slice(0, name.indexOf('/', prefix.length) + 1));
    const folders = start > 0 ? [] : [...new Set(below)].map((folder) => `<CommonPrefixes><Prefix>${encoded(folder)}</Prefix></CommonPrefixes>`); // prettier-ignore
    return xml(`<ListVersionsResult><IsTruncated>${isTruncated}</IsTruncated>${entries.join('')}${folders.join('')}${next}</ListVersionsResult>`); // prettier-ignore
  }
}

interface Answer {
  readonly status: number;
  readonly headers: http.OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** As S3 encodes keys in listings: as in forms. */
function encoded(key: string): string {
  return new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');
}

function xml(text: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(`<?xml version="1.0"?>${text}`),
  };
}

function refusal(status: number, code: string): Answer {
  return { ...xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`), status };
}
