import type { Finding, Notice } from './finding';

/** Collects what the checks have to say. */
export class Report {
  readonly findings: Finding[] = [];
  readonly notices: Notice[] = [];

  find(...findings: readonly Finding[]): void {
    for (const finding of findings) this.findings.push(finding);
  }

  notice(...notices: readonly Notice[]): void {
    for (const notice of notices) this.notices.push(notice);
  }
}
