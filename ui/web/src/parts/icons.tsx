import type { ReactNode } from "react";

function Icon({ children }: { children: ReactNode }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

export function TableIcon() {
  return (
    <Icon>
      <rect x="2" y="3" width="12" height="10" rx="1.5" />
      <path d="M2 6.3h12M2 9.6h12M6.3 6.3V13" />
    </Icon>
  );
}

export function OverviewIcon() {
  return (
    <Icon>
      <rect x="2" y="2.5" width="5" height="6.5" rx="1" />
      <rect x="9" y="2.5" width="5" height="3.5" rx="1" />
      <rect x="2" y="11" width="5" height="2.5" rx="1" />
      <rect x="9" y="8" width="5" height="5.5" rx="1" />
    </Icon>
  );
}

export function AlertsIcon() {
  return (
    <Icon>
      <path d="M8 2.2 14.4 13.4H1.6Z" />
      <path d="M8 6.4v3.2M8 11.4v.1" />
    </Icon>
  );
}

export function TargetsIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="5.8" />
      <circle cx="8" cy="8" r="2.2" />
      <path d="M8 .9v2.4M8 12.7v2.4M.9 8h2.4M12.7 8h2.4" />
    </Icon>
  );
}

export function SunIcon() {
  return (
    <Icon>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1" />
    </Icon>
  );
}

export function MoonIcon() {
  return (
    <Icon>
      <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" />
    </Icon>
  );
}

export function ScreenIcon() {
  return (
    <Icon>
      <rect x="1.8" y="2.8" width="12.4" height="8.4" rx="1.2" />
      <path d="M5.5 13.6h5" />
    </Icon>
  );
}

export function ChevronIcon() {
  return (
    <Icon>
      <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />
    </Icon>
  );
}

export function SearchIcon() {
  return (
    <Icon>
      <circle cx="7" cy="7" r="4.2" />
      <path d="m10.2 10.2 3.3 3.3" />
    </Icon>
  );
}

export function MoreIcon() {
  return (
    <Icon>
      <path d="M8 3.5h.01M8 8h.01M8 12.5h.01" strokeWidth="2.4" />
    </Icon>
  );
}

export function DashboardsIcon() {
  return (
    <Icon>
      <rect x="2" y="2.5" width="12" height="11" rx="1.5" />
      <path d="M4.5 10.5V8.5M7 10.5v-5M9.5 10.5V7.5M12 10.5v-4" />
    </Icon>
  );
}

export function ExploreIcon() {
  return (
    <Icon>
      <path d="M2 10.5c1.6 0 1.8-6 3.6-6s2 7 4 7 1.9-4.2 4.4-4.2" />
      <path d="M2 13.8h12" />
    </Icon>
  );
}

export function PlusIcon() {
  return (
    <Icon>
      <path d="M8 3v10M3 8h10" />
    </Icon>
  );
}

export function CloseIcon() {
  return (
    <Icon>
      <path d="m4 4 8 8M12 4l-8 8" />
    </Icon>
  );
}

export function CopyIcon() {
  return (
    <Icon>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.2" />
      <path d="M3.2 10.5h-.4a.8.8 0 0 1-.8-.8V2.8a.8.8 0 0 1 .8-.8h6.9a.8.8 0 0 1 .8.8v.4" />
    </Icon>
  );
}

export function EyeIcon({ off = false }: { off?: boolean }) {
  return (
    <Icon>
      <path d="M1.5 8S4 3.6 8 3.6 14.5 8 14.5 8 12 12.4 8 12.4 1.5 8 1.5 8Z" />
      <circle cx="8" cy="8" r="1.9" />
      {off && <path d="m2.5 13.5 11-11" />}
    </Icon>
  );
}

export function HistoryIcon() {
  return (
    <Icon>
      <path d="M2.6 5.2A6 6 0 1 1 2 8" />
      <path d="M2.2 2.6v2.8H5M8 4.8V8l2.2 1.6" />
    </Icon>
  );
}
