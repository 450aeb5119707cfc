/** What a body from the server was not: names the field and what stands there. */
export class DecodeError extends Error {
  constructor(path: string, want: string, got: unknown) {
    const shown = got === undefined ? "nothing" : JSON.stringify(got);
    super(`${path === "" ? "body" : path}: want ${want}, got ${shown.slice(0, 80)}`);
    this.name = "DecodeError";
  }
}

export type Reader<T> = (value: unknown, path: string) => T;

export const text: Reader<string> = (value, path) => {
  if (typeof value !== "string") throw new DecodeError(path, "a string", value);
  return value;
};

export const number: Reader<number> = (value, path) => {
  if (typeof value !== "number") throw new DecodeError(path, "a number", value);
  return value;
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new DecodeError(path, "true or false", value);
  return value;
};

export function oneOf<const T extends string>(...words: readonly T[]): Reader<T> {
  return (value, path) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new DecodeError(path, words.join(" or "), value);
    return word;
  };
}

/** Go writes a nil slice as null: an empty list. */
export function list<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (value === null) return [];
    if (!Array.isArray(value)) throw new DecodeError(path, "a list", value);
    return value.map((element: unknown, i) => item(element, `${path}[${i}]`));
  };
}

export function nullable<T>(inner: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null || value === undefined ? null : inner(value, path));
}

export function optional<T>(inner: Reader<T>, otherwise: T): Reader<T> {
  return (value, path) => (value === undefined || value === null ? otherwise : inner(value, path));
}

/** The fields of one object, read one by one. */
export interface Fields {
  get<T>(name: string, reader: Reader<T>): T;
}

export function object<T>(build: (fields: Fields) => T): Reader<T> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new DecodeError(path, "an object", value);
    }
    const record = value as Record<string, unknown>;
    return build({
      get: (name, reader) => reader(record[name], path === "" ? name : `${path}.${name}`),
    });
  };
}

export const labels: Reader<Readonly<Record<string, string>>> = (value, path) => {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new DecodeError(path, "labels", value);
  for (const [name, content] of Object.entries(value)) text(content, `${path}.${name}`);
  return value as Record<string, string>;
};

/** A moment in RFC 3339, in milliseconds; Go's zero time is 0. */
export const moment: Reader<number> = (value, path) => {
  const ms = Date.parse(text(value, path));
  if (Number.isNaN(ms)) throw new DecodeError(path, "a moment", value);
  return Math.max(0, ms);
};
