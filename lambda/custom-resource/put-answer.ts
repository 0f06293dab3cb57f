/**
 * Puts an answer where CloudFormation waits for it. The URL is presigned for an empty content type, and `fetch` adds none
 * of its own to bytes.
 *
 * @throws Error if it was not taken
 */
export async function putAnswer(url: string, answer: Uint8Array): Promise<void> {
  const response = await fetch(url, { method: 'PUT', body: answer, headers: { 'content-type': '' } });
  if (!response.ok) throw new Error(`CloudFormation's answer was refused: ${response.status} ${await response.text()}`);
}
