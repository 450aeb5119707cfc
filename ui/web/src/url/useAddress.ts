import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";

/** Names in the address and what they become; "" or null takes one out, a list stands for a name that is repeated. */
export type AddressChange = Readonly<Record<string, string | readonly string[] | null>>;

/**
 * What the address holds after its "?", and how to change some of it: typing and choosing replace the entry of the
 * history, so that Back leaves the page.
 */
export function useAddress(): [URLSearchParams, (change: AddressChange) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const params = useMemo(() => new URLSearchParams(search), [search]);
  const change = useCallback(
    (wanted: AddressChange) => {
      const next = new URLSearchParams(search);
      for (const [name, value] of Object.entries(wanted)) {
        next.delete(name);
        const values = value === null ? [] : typeof value === "string" ? [value] : value;
        for (const one of values) if (one !== "") next.append(name, one);
      }
      const query = next.toString();
      navigate(query === "" ? path : `${path}?${query}`, { replace: true });
    },
    [search, path, navigate],
  );
  return [params, change];
}
