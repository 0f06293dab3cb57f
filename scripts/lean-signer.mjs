// Takes out of AWS's signer what signing requests never uses, but a bundler cannot know to be unused: event streams. They
// were 4 % of what the proxy function loads at each start, and 16 KB in a file that nothing ever loads.

/** Only `signMessage` formats the headers of an event. */
const NO_FORMATTER =
  'export class HeaderFormatter { format() { throw new Error("event streams are not signed here") } }';

export function leanSigner() {
  return {
    name: 'lean-signer',
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /[\\/]@smithy[\\/]signature-v4[\\/]dist-es[\\/]HeaderFormatter\.js$/ }, () => ({
        contents: NO_FORMATTER,
        loader: 'js',
      }));
      onResolve({ filter: /^@smithy\/core\/event-streams$/ }, () => ({ path: 'event-streams', namespace: 'unused' }));
      onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export {}', loader: 'js' }));
    },
  };
}
