/** What the server wrote into index.html. */
export interface Boot {
  /** Allows our own style elements under the content security policy. */
  readonly nonce: string;
  /** The build of the UI that this tab runs. */
  readonly build: string;
  /** The path below which the pages lie, without a slash at its end: "" at the root. */
  readonly base: string;
}

export function readBoot(page: Document): Boot {
  const nonce = page.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? "";
  const build = page.querySelector<HTMLMetaElement>('meta[name="daymark-build"]')?.content ?? "dev";
  const base = new URL(page.baseURI).pathname.replace(/\/+$/, "");
  return { nonce, build, base };
}
