// Validates an AsyncAPI document with the parser that the AsyncAPI tools share: node asyncapi.mjs FILE.
// Prints what it finds, and exits with 1 when any of it is an error or a warning.
import { Parser, fromFile } from '@asyncapi/parser';

const file = process.argv[2];
const { document, diagnostics } = await fromFile(new Parser(), file).parse();
const found = diagnostics.filter(({ severity }) => severity <= 1);
for (const { message, path, range } of found) {
  console.error(`${file}:${range.start.line + 1}: ${path.join('.')}: ${message}`);
}
process.exit(document && found.length === 0 ? 0 : 1);
