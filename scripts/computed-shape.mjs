// Computes lib/event/shape.ts at build time: the functions get its result, not the declaration with all its words.
import { build } from 'esbuild';

export function computedShape() {
  return {
    name: 'computed-shape',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]lib[\\/]event[\\/]shape\.ts$/ }, async ({ path }) => {
        const { outputFiles } = await build({ entryPoints: [path], bundle: true, write: false, format: 'esm' });
        const source = Buffer.from(outputFiles[0].contents).toString('base64');
        const { auditEventShape } = await import(`data:text/javascript;base64,${source}`);
        return { contents: `export const auditEventShape = ${JSON.stringify(auditEventShape)};`, loader: 'js' };
      });
    },
  };
}
