import net from 'node:net';
import type { Condition } from './condition';

/**
 * The condition that an address column lies in a network, or is one address, however that is spelled. Both engines
 * accept it: neither has address functions that the other knows, so addresses are compared as numbers (IPv4) and as 32
 * hex digits (IPv6).
 *
 * @param value an address, or `address/bits`, of IPv4 or IPv6
 * @returns undefined if the value is neither
 */
export function addressCondition(column: string, value: string): Condition | undefined {
  const [address = '', bits, ...more] = value.split('/');
  if (more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const version = net.isIP(address);
  // A zone id (fe80::1%eth0) or an IPv4 tail (::ffff:10.0.0.1) has no place in the record.
  if (version === 0 || (version === 6 && /[%.]/.test(address))) return undefined;

  const width = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  if (prefix > width) return undefined;
  if (version === 4 && prefix === width) return { sql: `${column} = ?`, parameters: [address] };

  const [first, last] = range(version === 4 ? numberOf(address) : BigInt(`0x${hexOf(address)}`), prefix, width);
  return version === 4
    ? { sql: `${numberSql(column)} BETWEEN ? AND ?`, parameters: [Number(first), Number(last)] }
    : { sql: `${hexSql(column)} BETWEEN ? AND ?`, parameters: [hex(first), hex(last)] };
}

function range(address: bigint, prefix: number, width: number): readonly [bigint, bigint] {
  const hosts = (1n << BigInt(width - prefix)) - 1n;
  const first = (address | hosts) ^ hosts;
  return [first, first | hosts];
}

function numberOf(address: string): bigint {
  return address.split('.').reduce((number, octet) => number * 256n + BigInt(octet), 0n);
}

const hex = (number: bigint) => number.toString(16).padStart(32, '0');

/** The 32 digits of an IPv6 address. */
function hexOf(address: string): string {
  const [head, tail] = address.toLowerCase().split('::').map(padded);
  return head!.padEnd(32 - (tail?.length ?? 0), '0') + (tail ?? '');
}

function padded(groups: string): string {
  if (groups === '') return '';
  return groups
    .split(':')
    .map((group) => group.padStart(4, '0'))
    .join('');
}

/** An IPv4 column as a number; NULL for what is no IPv4 address. */
function numberSql(column: string): string {
  const octet = (n: number) => `TRY_CAST(split_part(${column}, '.', ${n}) AS bigint)`;
  return `(${octet(1)} * 16777216 + ${octet(2)} * 65536 + ${octet(3)} * 256 + ${octet(4)})`;
}

/** An IPv6 column as 32 hex digits; NULL for what is no IPv6 address. */
function hexSql(column: string): string {
  const groups = (side: number) =>
    Array.from({ length: 8 }, (_, i) => {
      const group = `split_part(split_part(lower(${column}), '::', ${side}), ':', ${i + 1})`;
      // Past the end Trino gives NULL and DuckDB an empty text.
      return `CASE WHEN ${group} <> '' THEN lpad(${group}, 4, '0') ELSE '' END`;
    }).join(' || ');
  const digits = `rpad(${groups(1)}, CAST(32 - length(${groups(2)}) AS integer), '0') || ${groups(2)}`;
  return `CASE WHEN ${column} LIKE '%:%' THEN ${digits} END`;
}
