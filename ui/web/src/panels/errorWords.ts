import type { QueryError } from "../api/types";

/** What went wrong, in words, and what to do about it. */
export function errorWords(error: QueryError): { title: string; next: string } {
  switch (error.kind) {
    case "parse":
      return { title: "The expression cannot be read", next: "" };
    case "timeout":
      return { title: "The query took too long", next: "Choose a shorter range, or raise --query.timeout." };
    case "limit":
      return { title: "The query would read too much", next: "Choose a shorter range, or fewer series." };
    case "unavailable":
      return { title: "History is not available yet", next: "It is tried again by itself." };
    case "execution":
      return { title: "The query failed", next: "" };
    default:
      return error.kind satisfies never;
  }
}
