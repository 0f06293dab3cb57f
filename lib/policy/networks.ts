import net from 'node:net';

/** What is wrong with an address or network (CIDR), if anything. */
export function networkProblem(text: string): string | undefined {
  const [address = '', bits, ...more] = text.split('/');
  const family = net.isIP(address);
  const most = family === 4 ? 32 : 128;
  const wrong =
    family === 0 || more.length > 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most));
  return wrong ? 'must be an address or a network, like "203.0.113.7", "10.0.0.0/8" or "2001:db8::/32"' : undefined;
}

/** Makes a test of addresses. An address that is not known is in no network. */
export function networkTest(networks: readonly string[]): (address: string | undefined) => boolean {
  const list = new net.BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => address !== undefined && net.isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return net.isIPv4(address) ? 'ipv4' : 'ipv6';
}
