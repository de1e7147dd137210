import { element } from './dom.js';

const key = 'repro-theme';

/** Told when light becomes dark or the other way round: what is drawn by pixels must be drawn again. */
export const themeChanges = new EventTarget();

/** Makes the button that switches between light and dark work; the choice is kept where the browser lets us. */
export function startTheme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const root = document.documentElement;
  const toggle = document.getElementById('theme');
  const isDark = () => (root.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
  const say = () => {
    const other = isDark() ? 'Light' : 'Dark';
    toggle.textContent = other;
    toggle.setAttribute('aria-label', `${other} colours`);
    themeChanges.dispatchEvent(new Event('change'));
  };
  const kept = stored();
  if (kept === 'dark' || kept === 'light') root.dataset.theme = kept;
  toggle.hidden = false;
  toggle.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    store(root.dataset.theme);
    say();
  });
  system.addEventListener('change', say);
  say();
}

/** The colour that a custom property has here and now, as canvases take it. */
export function colourOf(property) {
  const probe = element('span', { hidden: true });
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

// Files opened from a disk may have no storage.
function stored() {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(theme) {
  try {
    localStorage.setItem(key, theme);
  } catch {
    // The page works without.
  }
}
