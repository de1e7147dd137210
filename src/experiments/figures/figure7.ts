import type { DecodeResult } from '../../decoding/loop.js';
import type { ObservedPass } from './observed-engine.js';
import type { FigureResult, FigureStudy, ObservedSample } from './study.js';
import { WaitingTokens } from './waiting-tokens.js';

/** Figure 7: the timelines of the tokens that waited longest. It needs no layer tensors. */
export class Figure7 implements FigureStudy {
  readonly probe = [] as const;
  readonly #waiting: WaitingTokens;

  /** @param tau The fixed threshold that they stayed below. */
  constructor(tau: number) {
    this.#waiting = new WaitingTokens(tau);
  }

  begin(sample: ObservedSample): void {
    this.#waiting.begin(sample);
  }

  pass(pass: ObservedPass): void {
    this.#waiting.pass(pass);
  }

  end(result: DecodeResult): void {
    this.#waiting.end(result);
  }

  result(): FigureResult {
    return {
      tables: [this.#waiting.timeline('figure7'), this.#waiting.histogram('figure7-waits')],
      shown: {
        head: ['benchmark', 'tokens', 'waited', 'steps (mean)', 'steps (most)'],
        rows: this.#waiting.summary(),
      },
    };
  }
}
