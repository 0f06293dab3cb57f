import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AuditProxy, type AuditProxyProps } from '../../lib';
import { decodeSettings, type ProxySettings } from '../../lib/routing/proxy-settings';

/** A resource as it stands in a template. */
export interface Resource {
  readonly Type: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template has any shape
  readonly Properties: any;
  readonly DependsOn?: string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** A statement of a policy as it stands in a template. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

export const ROUTE = { path: '/orders', upstream: 'http://orders.internal:8080' };

export function newStack(props: StackProps = {}): Stack {
  return new Stack(new App(), 'ShopAudit', props);
}

/** A stack with an AuditProxy with these props, and its template. */
export function synthProxy(props: Partial<AuditProxyProps> = {}) {
  const stack = newStack();
  const proxy = new AuditProxy(stack, 'Proxy', { routes: [ROUTE], ...props });
  return { stack, proxy, template: Template.fromStack(stack) };
}

/** All resources of a type whose logical id begins so. */
export function resources(template: Template, type: string, idPrefix = ''): Resource[] {
  const all = Object.entries(template.findResources(type)) as unknown as [string, Resource][];
  return all.filter(([id]) => id.startsWith(idPrefix)).map(([, resource]) => resource);
}

/** The only resource of a type whose logical id begins so. */
export function theResource(template: Template, type: string, idPrefix = ''): Resource {
  const found = resources(template, type, idPrefix);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources ${type} ${idPrefix}*`);
  return only;
}

/** Writes references out as text, so that ARNs can be compared: `${Id}`, `${Id.Arn}`. */
export function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof ref === 'string') return `\${${ref}}`;
  if (Array.isArray(attribute)) return `\${${attribute.join('.')}}`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(flat).join(String(join[0]));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, flat(entry)]));
}

/** Statements of a policy document, with references written out. */
export function statements(document: unknown): Statement[] {
  return flat((document as { Statement: unknown }).Statement) as Statement[];
}

/** All statements of the inline policies of a role. */
export function roleStatements(role: Resource): Statement[] {
  return role.Properties.Policies.flatMap((policy: { PolicyDocument: unknown }) => statements(policy.PolicyDocument));
}

export function asList<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** What the only proxy function whose logical id begins so is told. */
export function settingsOf(template: Template, idPrefix = 'AccessFunction'): ProxySettings {
  const handler = theResource(template, 'AWS::Lambda::Function', idPrefix);
  return decodeSettings(flat(handler.Properties.Environment.Variables) as Record<string, string>);
}

/** Logical id of the only resource of a type whose logical id begins so. */
export function idOf(template: Template, type: string, idPrefix: string): string {
  const found = Object.keys(template.findResources(type)).filter((id) => id.startsWith(idPrefix));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} resources ${type} ${idPrefix}*`);
  return only;
}
