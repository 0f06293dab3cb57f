/** What the stack asks the vkey function, as properties of a custom resource. */
export interface VkeyProperties {
  /** Id or ARN of the KMS key that signs. */
  readonly keyId: string;
  /** The log's name, and so its key's. */
  readonly origin: string;
}

/** The attribute under which the custom resource gives the answer: the key as text, which a verifier pins. */
export const VKEY_ATTRIBUTE = 'vkey';
