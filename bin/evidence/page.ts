import { createHash } from 'node:crypto';
import path from 'node:path';
import type { NoteVerifier } from '../../lib/ledger';
import { parseEvidence, type Evidence } from '../../lib/ledger/evidence';
import { Html, markup } from './html';
import { PAGE_STYLE } from './page-style';
import { climb, type Hop } from './climb';
import type { Proof } from './prove';
import { told } from './told';
import type { WrittenFile } from './write-proofs';

/**
 * A page that explains evidence, to print or to hand over with it: self-contained, without scripts, and whatever callers
 * wrote is shown as text.
 *
 * @param key with which the checkpoint's signature was checked
 */
export function evidencePage(files: readonly WrittenFile[], key: NoteVerifier | undefined): Buffer {
  const count = files.reduce((sum, { proofs }) => sum + proofs.length, 0);
  const title = count === 1 ? 'Evidence for one event' : `Evidence for ${count} events`;
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${STYLE_HASH}'" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <style>${new Html(PAGE_STYLE)}</style>
      </head>
      <body>
        <h1>${title}</h1>
        <p class="lead">
          This page explains what the evidence says. It proves nothing by itself: check the evidence
          file${files.length > 1 ? 's' : ''}, with a key from a source that you trust.
        </p>
        ${keySection(files, key)} ${files.flatMap((file) => [fileSection(file), ...file.proofs.map(eventSection)])}
        ${limits()}
      </body>
    </html> `;
  return Buffer.from(page.source);
}

const STYLE_HASH = new Html(createHash('sha256').update(PAGE_STYLE).digest('base64'));

function keySection(files: readonly WrittenFile[], key: NoteVerifier | undefined): Html {
  const name = files[0]!.file === '-' ? 'FILE' : path.basename(files[0]!.file);
  const vkey = key?.vkey ?? 'not given when this page was written, and the signature not checked: get it from the operator of the log'; // prettier-ignore
  return markup`<section>
    <h2>How to check it</h2>
    <ol>
      <li>Compare the SHA-256 of the evidence with the one below: <code>sha256sum ${name}</code></li>
      <li>
        Get the log’s vkey from a source that you trust,
        <strong>not from this page and not from whoever hands you the evidence</strong>. Compare it with the one below.
      </li>
      <li>
        Run <code>audit-proxy check ${name} --key VKEY</code>. It needs no network and no access to the log. Without our
        code, docs/evidence.md and docs/evidence/check.sh of cdk-audit-proxy do the same with OpenSSL 3 and a POSIX
        shell.
      </li>
    </ol>
    <dl>
      <dt>vkey</dt>
      <dd class="hash">${vkey}</dd>
    </dl>
  </section>`;
}

function fileSection({ file, sha256, proofs }: WrittenFile): Html {
  return markup`<section>
    <h2>Evidence file</h2>
    <dl>
      <dt>file</dt>
      <dd>${file === '-' ? 'written to standard output' : path.basename(file)}</dd>
      <dt>sha-256</dt>
      <dd class="hash">${sha256}</dd>
      <dt>events</dt>
      <dd>${proofs.length}</dd>
    </dl>
  </section>`;
}

function eventSection({ evidence, event, uid, object, leafIndex, checkpoint }: Proof): Html {
  const parsed = parseEvidence(evidence);
  const { sha256, size, versionId, events } = parsed.leaf;
  const fingerprint = event.attestation_list[0]!.fingerprint!.value;
  return markup`<section class="event">
    <h2>Event ${uid}, ${event.unmapped.phase}</h2>
    <dl>
      ${[...told(event), ['event', uid] as const, ['correlation', event.metadata.correlation_uid ?? 'none'] as const].map(row)}
      ${row(['fingerprint', fingerprint])}
    </dl>
    <h3>From the event to the object</h3>
    <dl>
      ${row(['object', object])} ${row(['version', versionId])} ${row(['sha-256', `${sha256}, ${size} bytes`])}
      ${row(['place', `event ${parsed.eventIndex + 1} of ${events!.count}`])}
    </dl>
    ${hopsTable(climb(parsed.eventIndex, events!.count, parsed.eventProof), `events.root of the leaf: ${events!.root}`)}
    <h3>From the object to the log</h3>
    <dl>${row(['leaf', `${leafIndex} of ${checkpoint.size}, counted from 0`])}</dl>
    ${hopsTable(climb(leafIndex, checkpoint.size, parsed.leafProof), `root of the checkpoint: ${Buffer.from(checkpoint.root).toString('hex')}`)}
    <h3>Signed checkpoint</h3>
    <pre>${noteLines(parsed)}</pre>
  </section>`;
}

function row([name, text]: readonly [string, string]): Html {
  return markup`<dt>${name}</dt>
    <dd>${text}</dd>`;
}

/** In words: which hash comes from where. */
function hopsTable(hops: readonly Hop[], root: string): Html {
  const rows = hops.map(({ sibling, isLeft }, i) => markup`<tr><td>${i + 1}</td><td>${isLeft ? 'left' : 'right'}</td><td class="hash">${sibling}</td></tr>`); // prettier-ignore
  return markup`<table>
    <thead>
      <tr>
        <th>hop</th>
        <th>sibling</th>
        <th>hash (SHA-256)</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
    <tfoot>
      <tr>
        <td colspan="3" class="hash">${root}</td>
      </tr>
    </tfoot>
  </table>`;
}

function noteLines({ checkpoint }: Evidence): Html[] {
  return Buffer.from(checkpoint).toString('utf8').trimEnd().split('\n').map((line) => markup`${line}`); // prettier-ignore
}

function limits(): Html {
  return markup`<section>
    <h2>What it does not prove</h2>
    <p>
      That the vkey is the log’s; when the checkpoint was signed, or that the writer’s clock was right; that the log
      leaves nothing out, or that what it recorded is true; that there are no other events of these requests.
    </p>
  </section>`;
}
