/** Reads well on a screen and on A4. Values keep to their place, whatever they hold. */
export const PAGE_STYLE = `
@page { size: A4; margin: 18mm 16mm; }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; color: #1a1a1a; background: #fff; font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 2px solid #1a1a1a; overflow-wrap: anywhere; unicode-bidi: isolate; }
h3 { font-size: .95rem; margin: 1.25rem 0 .4rem; }
.lead { color: #444; }
dl { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: .2rem 1rem; margin: .5rem 0; }
dt { color: #555; }
dd { margin: 0; overflow-wrap: anywhere; unicode-bidi: isolate; }
code, pre, .hash { font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: .4rem 0; padding: .6rem .8rem; background: #f4f4f2; white-space: pre-wrap; }
table { width: 100%; border-collapse: collapse; font-size: 13px; }
th, td { padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #ddd; text-align: left; vertical-align: top; }
tfoot td { border-bottom: 0; font-weight: 600; }
li { margin: .3rem 0; }
@media print {
  body { margin: 0; max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; }
  tr, dd, pre { break-inside: avoid-page; }
  .event { break-before: page; }
}
`;
