/** Where a path lies in a REST API. */
export interface ResourcePath {
  /** `$context.resourcePath`: a resource, or the `{proxy+}` below it. */
  readonly resourcePath: string;
  /** What `{proxy+}` stands for, as it came; undefined on the resource itself. */
  readonly proxy: string | undefined;
}

/** @param resource the resource that the path belongs to, e.g. `/events` */
export function resourcePathOf(resource: string, path: string): ResourcePath {
  const parent = resource === '/' ? '' : resource;
  const rest = path.slice(parent.length + 1);
  return rest === ''
    ? { resourcePath: resource, proxy: undefined }
    : { resourcePath: `${parent}/{proxy+}`, proxy: rest };
}
