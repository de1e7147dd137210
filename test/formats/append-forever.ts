/** Appends numbered rows until it is killed, and prints each number once `append` has confirmed it. */
import { JsonlLog } from '../../src/formats/jsonl.js';

const log = await JsonlLog.open(process.argv[2]!);
for (let n = 1; ; n++) {
  await log.append({ n, text: 'x'.repeat(200) });
  process.stdout.write(`${n}\n`);
}
