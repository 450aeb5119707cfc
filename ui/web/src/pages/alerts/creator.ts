const key = "daymark-silence-creator";

/** Who made the last silence in this browser; "" if nobody did, or the browser keeps nothing. */
export function lastCreator(): string {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

/** Keeps the name for the next silence. */
export function rememberCreator(name: string): void {
  try {
    localStorage.setItem(key, name);
  } catch {
    // A browser that keeps nothing asks again.
  }
}
