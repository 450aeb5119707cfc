import type { Labels } from "../api/types";

/** How a series is drawn: a place in the scheme's ten colours, and dashes from the eleventh series on. */
export interface Ink {
  readonly colour: number;
  readonly dash: readonly number[];
}

const colours = 10;
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

/** One text for one label set, whatever the order of its keys. */
export function labelKey(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return JSON.stringify(names.map((name) => [name, labels[name]]));
}

/**
 * FNV-1a from a start at which the series that everybody sees first (processor modes, load, traffic) get colours
 * that differ, with a last mixing so that short keys that differ in one letter spread as well.
 */
function hash(text: string): number {
  let h = 19151385;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Ink for the series of one panel, in the order of keys. The first choice is by the hash of a key, so that a
 * series keeps its colour across panels and reloads; where it is taken, the next free one. The order in which
 * the keys are given does not matter. chosen: places that were asked for, beside the keys; they are given first, to
 * as many as ask.
 */
export function assignInk(keys: readonly string[], chosen: readonly (number | null)[] = []): readonly Ink[] {
  const taken = new Set<number>();
  const places = new Map<string, number>();
  for (const [i, key] of keys.entries()) {
    const place = chosen[i] ?? null;
    if (place === null) continue;
    places.set(key, place);
    taken.add(place);
  }
  for (const key of [...new Set(keys)].sort()) {
    if (places.has(key)) continue;
    const first = hash(key) % colours;
    let place = first;
    // A full round of ten: everybody moves on to the next pattern of dashes.
    const round = Math.floor(taken.size / colours) * colours;
    for (let i = 0; i < colours && taken.has(round + place); i++) place = (first + i + 1) % colours;
    taken.add(round + place);
    places.set(key, round + place);
  }
  return keys.map((key) => {
    const place = places.get(key) ?? 0;
    return { colour: place % colours, dash: dashes[Math.floor(place / colours) % dashes.length] ?? [] };
  });
}
