import type { BodyCaptureProps, RecordProps } from '../record-props';
import { checkRecord, type CaptureInput, type RecordInput } from '../routing/record';
import type { RouteInput } from '../routing/route';
import type { PropProblem } from './validation';

/** What a route's props say of recording, in the words of the checks. */
export function recordInput({ capture, ...rest }: RecordProps): RecordInput {
  return {
    ...rest,
    ...(capture && {
      capture: { request: captureInput(capture.request), response: captureInput(capture.response), only: capture.only },
    }),
  };
}

function captureInput(props: BodyCaptureProps | undefined): CaptureInput | undefined {
  return (
    props && { contentTypes: props.contentTypes, acceptRisk: props.acceptRisk, maxBytes: props.maxSize?.toBytes() }
  );
}

/** What is wrong with it, over all routes. */
export function recordProblems(routes: readonly RouteInput[]): PropProblem[] {
  return routes.flatMap(({ record }, index) =>
    checkRecord(record ?? {}).map(({ place, message }) => ({
      key: `routes[${index}].record${place.map(formatPart).join('')}`,
      message,
    })),
  );
}

function formatPart(part: string | number): string {
  if (typeof part === 'number') return `[${part}]`;
  return `.${part === 'maxBytes' ? 'maxSize' : part}`;
}
