import { Disclosure } from "../../parts/Disclosure";

/** Says that this machine is not watched, and how to add it. */
export function AddHost({ configFile }: { configFile: string }) {
  return (
    <Disclosure tone="info" summary="This machine itself is not watched." action="How to add it">
      <p>
        Add this line to {configFile === "" ? "the configuration file" : <code>{configFile}</code>}, at the outermost level, and
        reload (SIGHUP, or POST to <code>/-/reload</code>):
      </p>
      <pre tabIndex={0} aria-label="The line that adds this machine">
        host: true
      </pre>
    </Disclosure>
  );
}
