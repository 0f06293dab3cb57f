import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';

/** What answering takes from outside. */
export interface StackWorld {
  put(url: string, answer: Uint8Array): Promise<void>;
  sleep(milliseconds: number): Promise<unknown>;
}

/** The attributes of a custom resource. */
export type Attributes = Readonly<Record<string, string>>;

/** What is asked and its policy are new, and AWS may take a while until it knows both everywhere. */
const TRIES = 8;
const PAUSE_MS = 5_000;

/**
 * Answers CloudFormation for a custom resource that has attributes and nothing behind it to delete.
 *
 * @param what for messages: what there is none of when it fails
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export function answering(
  { put }: StackWorld,
  what: string,
  attributesOf: (event: CloudFormationCustomResourceEvent) => Promise<Attributes>,
): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  const answerTo = async (event: CloudFormationCustomResourceEvent): Promise<CloudFormationCustomResourceResponse> => {
    const { StackId, RequestId, LogicalResourceId } = event;
    // There is nothing behind the resource, so whatever it tells, it stays the same one.
    const PhysicalResourceId = event.RequestType === 'Create' ? LogicalResourceId : event.PhysicalResourceId;
    const about = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
    try {
      const Data = event.RequestType === 'Delete' ? {} : await attributesOf(event);
      return { Status: 'SUCCESS', ...about, Data };
    } catch (error) {
      return { Status: 'FAILED', Reason: `no ${what}: ${String(error)}`, ...about };
    }
  };
  return async (event) => put(event.ResponseURL, Buffer.from(JSON.stringify(await answerTo(event))));
}

/** Asks AWS, again and again for half a minute where it refuses. */
export async function patiently<T>({ sleep }: StackWorld, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
