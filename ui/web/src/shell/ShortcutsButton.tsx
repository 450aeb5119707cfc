import { ActionIcon } from "@mantine/core";

/** Opens the shortcuts of the page. */
export function ShortcutsButton({ open }: { open: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={32} aria-label="Shortcuts" title="Shortcuts (?)" onClick={open}>
      ?
    </ActionIcon>
  );
}
