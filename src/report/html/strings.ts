/** Texts of a page, each once: rows name them by their place. */
export class StringTable {
  readonly #places = new Map<string, number>();

  /** The place of a text; -1 for none. */
  place(text: string | null | undefined): number {
    if (text === null || text === undefined) return -1;
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(text, place);
    return place;
  }

  /** In the order of their places. */
  get texts(): string[] {
    return [...this.#places.keys()];
  }
}
