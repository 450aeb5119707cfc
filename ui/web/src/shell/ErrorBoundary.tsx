import { Component, type ReactNode } from "react";
import css from "./ErrorBoundary.module.css";

interface State {
  readonly message: string | null;
}

/** Catches what could not be drawn, so that there is never a blank page. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { message: null };

  static getDerivedStateFromError(reason: unknown): State {
    return { message: reason instanceof Error ? reason.message : String(reason) };
  }

  override render() {
    if (this.state.message === null) return this.props.children;
    return (
      <div className={css.page} role="alert">
        <h1>This page could not be drawn</h1>
        <p>Scraping, alerting and paging go on without it. Perhaps a newer Daymark is running than this page is of.</p>
        <code className={css.message}>{this.state.message}</code>
        <button type="button" className={css.reload} onClick={() => location.reload()}>
          Reload
        </button>
      </div>
    );
  }
}
