import { parseHTML } from 'linkedom';

/** Where something was drawn in its panel, in pixels; `x2` and `y2` are ends of bars, lines and cells. */
export interface Drawn {
  readonly x: number;
  readonly y: number;
  readonly x2: number;
  readonly y2: number;
  readonly text: string;
  readonly fill: string | null;
  readonly opacity: number;
}

/** What stands in a panel of a picture. Values come from the named ticks of the axes alone. */
export interface DrawnPanel {
  readonly title: string;
  readonly xTicks: readonly Drawn[];
  readonly yTicks: readonly Drawn[];
  /** By the class or, where there is none, the label of its group. */
  readonly marks: (name: string) => readonly Drawn[];
  /** The value at a pixel, from two named ticks of a linear axis. */
  readonly xValue: (pixel: number) => number;
  readonly yValue: (pixel: number) => number;
}

export interface DrawnChart {
  readonly title: string;
  readonly description: string;
  /** All texts, in their order. */
  readonly texts: readonly string[];
  readonly panels: readonly DrawnPanel[];
}

interface Element {
  readonly tagName: string;
  readonly textContent: string;
  readonly parentElement: Element | null;
  readonly previousElementSibling: Element | null;
  readonly children: readonly Element[];
  getAttribute(name: string): string | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

/** Reads a picture back: what is drawn in it, and where, without knowing how it was made. */
export function readBack(svg: string): DrawnChart {
  const { document } = parseHTML(`<!doctype html><body>${svg}</body>`);
  const root = document.querySelector('svg') as unknown as Element;
  return {
    title: root.querySelector('title')!.textContent,
    description: root.querySelector('desc')!.textContent,
    texts: [...root.querySelectorAll('text')].map(({ textContent }) => textContent),
    panels: [...root.querySelectorAll('svg[overflow]')].map(panelOf),
  };
}

function panelOf(panel: Element): DrawnPanel {
  const marks = (name: string): Drawn[] =>
    [...panel.children]
      .filter((group) => group.getAttribute('class') === name || group.getAttribute('aria-label') === name)
      .flatMap((group) =>
        [...group.querySelectorAll('rect,path,line,circle,text')].map((one) => drawn(one, panel)),
      );
  const [xTicks, yTicks] = [marks('x-axis tick label'), marks('y-axis tick label')];
  return {
    title: panel.previousElementSibling?.textContent ?? '',
    ...{ xTicks, yTicks, marks },
    xValue: linear(xTicks, ({ x }) => x),
    yValue: linear(yTicks, ({ y }) => y),
  };
}

function linear(ticks: readonly Drawn[], at: (tick: Drawn) => number): (pixel: number) => number {
  return (pixel) => {
    const [first, last] = [ticks[0]!, ticks.at(-1)!];
    const slope = (number(last.text) - number(first.text)) / (at(last) - at(first));
    return number(first.text) + slope * (pixel - at(first));
  };
}

/** Ticks have commas and a true minus sign. */
function number(text: string): number {
  return Number(text.replaceAll(',', '').replace('\u2212', '-'));
}

function drawn(element: Element, panel: Element): Drawn {
  let [dx, dy] = [0, 0];
  for (let at: Element | null = element; at !== null && at !== panel; at = at.parentElement) {
    const moved = /translate\(([-\d.]+),([-\d.]+)\)/.exec(at.getAttribute('transform') ?? '');
    if (moved === null) continue;
    dx += Number(moved[1]);
    dy += Number(moved[2]);
  }
  const own = (...names: string[]): number | undefined => {
    const name = names.find((one) => element.getAttribute(one) !== null);
    return name === undefined ? undefined : Number.parseFloat(element.getAttribute(name)!);
  };
  const isText = element.tagName.toLowerCase() === 'text';
  const x = isText ? 0 : (own('x1', 'x', 'cx') ?? 0);
  const y = isText ? 0 : (own('y1', 'y', 'cy') ?? 0);
  const opacity = element.getAttribute('fill-opacity') ?? element.parentElement?.getAttribute('fill-opacity');
  return {
    ...{ x: dx + x, y: dy + y },
    x2: dx + (own('x2') ?? x + (own('width') ?? 0)),
    y2: dy + (own('y2') ?? y + (own('height') ?? 0)),
    text: element.textContent,
    fill: element.getAttribute('fill') ?? element.parentElement?.getAttribute('fill') ?? null,
    opacity: Number(opacity ?? 1),
  };
}
