import { startBrowser } from './browser.js';
import { Samples, unpack } from './data.js';
import { element } from './dom.js';
import { startTheme } from './theme.js';

/** Says what could not be done where people look for it. */
function complain(error) {
  const text = `The samples cannot be shown: ${error.message}. A browser of 2023 or later is needed.`;
  document.getElementById('browser').replaceChildren(element('p', { class: 'empty', role: 'alert' }, text));
}

async function start() {
  startTheme();
  const data = await unpack('data');
  startBrowser(document.getElementById('browser'), new Samples(data));
  // Milliseconds since the page was asked for: what scripts/report-size.ts reads.
  document.documentElement.dataset.ready = performance.now().toFixed(0);
}

start().catch(complain);
