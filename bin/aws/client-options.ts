/** Credentials, profile and region come from where AWS's own tools take them. */
export interface ClientOptions {
  /** Default: AWS_REGION, or that of the profile. */
  readonly region?: string;
}

/** Options for S3. Whatever stands in for S3 has no host name for each bucket. */
export function s3Options(options: ClientOptions): ClientOptions & { readonly forcePathStyle: boolean } {
  const standIn = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return { ...options, forcePathStyle: standIn !== undefined };
}
