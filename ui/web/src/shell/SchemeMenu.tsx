import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { MoonIcon, ScreenIcon, SunIcon } from "../parts/icons";

const schemes = [
  { value: "light", label: "Light", icon: <SunIcon /> },
  { value: "dark", label: "Dark", icon: <MoonIcon /> },
  { value: "auto", label: "As the system", icon: <ScreenIcon /> },
] as const;

/** Light, dark, or as the system says. */
export function SchemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const computed = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const label = schemes.find(({ value }) => value === colorScheme)?.label ?? "";
  return (
    <Menu position="bottom-end" width={180} transitionProps={{ duration: 0 }} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={`Colours: ${label.toLowerCase()}`} title="Colours">
          {computed === "dark" ? <MoonIcon /> : <SunIcon />}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(value) => {
            const scheme = schemes.find((one) => one.value === value);
            if (scheme !== undefined) setColorScheme(scheme.value);
          }}
        >
          {schemes.map(({ value, label: name, icon }) => (
            <Menu.RadioItem key={value} value={value} rightSection={icon} closeMenuOnClick data-autofocus={value === colorScheme || undefined}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
