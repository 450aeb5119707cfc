/** Daymark's mark: a beacon on its mound, seen by day. */
export function Beacon({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" aria-hidden="true">
      <path d="M16 3 25 14H7Z" fill="currentColor" />
      <path d="M11.5 18h9M10 23h12M13 14l-3.5 14M19 14l3.5 14M5 28h22" />
    </svg>
  );
}
