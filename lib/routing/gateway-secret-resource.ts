/** What the stack asks the function that makes the API's secrets, as properties of a custom resource. */
export interface GatewaySecretProperties {
  /** ARN of the secret in Secrets Manager. */
  readonly secretId: string;
  /** Number of the version that the stage hands the function. CloudFormation makes a text of it. */
  readonly version: number | string;
}

/**
 * Versions that the function takes, relative to the one that the stage hands it. Function and stage change one after the other,
 * and may be rolled back in any order: whichever of two successive versions the stage has then, the function knows it.
 */
export const ACCEPTED_VERSIONS = [-1, 0, 1] as const;

/** Attribute of the custom resource with the SHA-256 of a version. @param offset one of `ACCEPTED_VERSIONS` */
export function hashAttribute(offset: number): string {
  return ['previousHash', 'currentHash', 'nextHash'][offset + 1]!;
}

/** Staging label of a version in Secrets Manager. */
export function versionLabel(version: number): string {
  return `gateway-${version}`;
}
