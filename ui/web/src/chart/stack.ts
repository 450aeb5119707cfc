/**
 * The upper edges of a stack, lowest first: each row is the sum of itself and all before it. A gap stays a gap in
 * its own row and counts as nothing in those above.
 */
export function stack(rows: readonly (readonly (number | null)[])[]): (number | null)[][] {
  const sums: number[] = [];
  return rows.map((row) =>
    row.map((value, i) => {
      if (value === null) return null;
      const sum = (sums[i] ?? 0) + value;
      sums[i] = sum;
      return sum;
    }),
  );
}
