import { flag, list, number, object, oneOf, text } from "./read";
import { request } from "./request";

/** A set of rules that Daymark brings along. */
export interface Pack {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly enabled: boolean;
  /** off: switched off by hand, or packs are not asked for; waiting: none of its metrics exist yet. */
  readonly state: "on" | "waiting" | "off";
  /** The metrics, of which one is enough. */
  readonly needs: readonly string[];
  readonly found: readonly string[];
  readonly rules: number;
  readonly groups: number;
  readonly file: string;
}

export interface Packs {
  /** The configuration asks for packs. */
  readonly asked: boolean;
  readonly packs: readonly Pack[];
}

const pack = object<Pack>((f) => ({
  name: f.get("name", text),
  title: f.get("title", text),
  description: f.get("description", text),
  enabled: f.get("enabled", flag),
  state: f.get("state", oneOf("on", "waiting", "off")),
  needs: f.get("needs", list(text)),
  found: f.get("found", list(text)),
  rules: f.get("rules", number),
  groups: f.get("groups", number),
  file: f.get("file", text),
}));

/** The body of GET /api/daymark/v1/packs. */
export const readPacks = object<Packs>((f) => ({ asked: f.get("asked", flag), packs: f.get("packs", list(pack)) }));

/** GET /api/daymark/v1/packs. */
export async function fetchPacks(signal?: AbortSignal): Promise<Packs> {
  return readPacks(await request("api/daymark/v1/packs", signal ? { signal } : {}), "");
}

/** Switches a pack; what it is then. */
export async function switchPack(name: string, enabled: boolean): Promise<Pack> {
  return pack(await request(`api/daymark/v1/packs/${encodeURIComponent(name)}`, { method: "PUT", body: { enabled } }), "");
}
