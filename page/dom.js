/**
 * An element. Children that are strings become text, whatever they hold.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] Attributes; `onclick` and the like are listeners; false is left out.
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  return filled(document.createElement(tag), properties, children);
}

/**
 * An element of a drawing, as `element`.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | undefined)} children
 * @returns {SVGElement}
 */
export function drawn(tag, properties = {}, ...children) {
  return filled(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
}

function filled(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== undefined));
  return node;
}

/**
 * A choice of one of several values with its label.
 *
 * @param {string} label
 * @param {readonly (readonly [value: string, text: string])[]} options
 * @param {(value: string) => void} onChoice
 */
export function choice(label, options, onChoice) {
  const select = element('select', { onchange: () => onChoice(select.value) });
  for (const [value, text] of options) select.append(element('option', { value }, text));
  return element('label', {}, `${label} `, select);
}

/**
 * A button with a text.
 *
 * @param {string} text
 * @param {() => void} onClick
 * @param {Record<string, unknown>} [properties]
 */
export function button(text, onClick, properties = {}) {
  return element('button', { type: 'button', onclick: onClick, ...properties }, text);
}
