// The AWS SDK warns that its versions from 2027 on will need Node.js 22. The one that is bundled here is pinned, and runs
// on every Node.js that package.json allows: a user of it can do nothing about the warning.
export function withoutNodeWarning() {
  return {
    name: 'without-node-warning',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]emitWarningIfUnsupportedVersion\.js$/ }, () => ({
        contents:
          'export const state = { warningEmitted: true }; export const emitWarningIfUnsupportedVersion = () => {};',
        loader: 'js',
      }));
    },
  };
}
