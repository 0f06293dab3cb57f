import type { NoteVerifier } from '../../lib/ledger';
import type { EvidenceError, EvidenceStep, ProvenEvent } from '../../lib/ledger/evidence';
import { visible } from '../commands/output/table';
import { told } from './told';

/** One JSON object: what is proven. */
export function provenJson(
  { sealed, eventIndex, object, leafIndex, checkpoint }: ProvenEvent,
  key: NoteVerifier,
): string {
  const { origin, size, root } = checkpoint;
  return json({
    proven: true,
    uid: sealed.uid,
    fingerprint: sealed.fingerprint,
    event: sealed.event,
    event_index: eventIndex,
    object: {
      key: object.key,
      version_id: object.versionId,
      size: object.size,
      sha256: object.sha256,
      events: object.events,
    },
    leaf_index: leafIndex,
    checkpoint: { origin, size, root: Buffer.from(root).toString('base64') },
    key: key.vkey,
  });
}

/** What is proven, in plain words. */
export function provenText(
  { sealed, eventIndex, object, leafIndex, checkpoint }: ProvenEvent,
  key: NoteVerifier,
): string {
  const { count } = object.events;
  return [
    'proven: this event is in the log, as it was recorded',
    '',
    ...aligned([
      ...told(sealed.event),
      ['event', `${sealed.uid}, ${sealed.event.unmapped.phase}`],
      ['fingerprint', sealed.fingerprint],
      ['object', `${object.key}, version ${object.versionId}; the event is ${eventIndex + 1} of ${count} in it`],
      ['sha-256', `${object.sha256}, ${object.size} bytes`],
      ['log', `${checkpoint.origin}; the object is leaf ${leafIndex} of ${checkpoint.size}, counted from 0`],
      ['root', Buffer.from(checkpoint.root).toString('base64')],
      ['signed by', key.vkey],
    ]),
    '',
    'That the log leaves nothing out, and that this key is its key, no evidence for one event can show.',
    '',
  ].join('\n');
}

/** One JSON object: that nothing is proven, and why. */
export function refusedJson({ step, code, message }: EvidenceError): string {
  return json({ proven: false, step, code, detail: message, meaning: MEANING[step] });
}

/** That nothing is proven, and why. */
export function refusedText({ step, code, message }: EvidenceError): string {
  return `not proven: ${MEANING[step]}\n\n${aligned([['step', step], ['code', code], ['detail', message]]).join('\n')}\n`; // prettier-ignore
}

/** One JSON object about a file with several events. @param reports JSON, one each */
export function severalJson(isProven: readonly boolean[], reports: readonly string[]): string {
  const events = reports.map((report) => JSON.parse(report) as object);
  return json({ proven: isProven.every(Boolean), events });
}

/** What is proven of a file with several events, one block each. */
export function severalText(isProven: readonly boolean[], reports: readonly string[]): string {
  const blocks = reports.map((report, i) => `── ${i + 1} of ${reports.length} ──\n${report}`);
  const failed = isProven.flatMap((is, i) => (is ? [] : [i + 1]));
  const all = `all ${reports.length} events are proven`;
  const some = `NOT PROVEN: ${failed.length} of ${reports.length} events (${failed.slice(0, 20).join(', ')}${failed.length > 20 ? ', …' : ''})`;
  return `${blocks.join('\n')}\n${failed.length === 0 ? all : some}\n`;
}

/** What it means that a step failed. */
const MEANING: Readonly<Record<EvidenceStep, string>> = {
  file: 'the file is not evidence for an event, or no longer in the form it was written in',
  event: 'the event is not what its writer sealed: something in it was changed',
  object: 'the event is not in the object that the evidence names',
  checkpoint: 'the key that you gave did not sign this state of this log',
  ledger: 'the object is not in the log that was signed',
};

function aligned(lines: readonly (readonly [name: string, text: string])[]): string[] {
  const width = Math.max(...lines.map(([name]) => name.length));
  // Callers wrote some of it, and whoever made the file: it must not steer the terminal.
  return lines.map(([name, text]) => `${name.padEnd(width)}   ${visible(text)}`);
}

function json(value: object): string {
  return JSON.stringify(value, null, 2) + '\n';
}
