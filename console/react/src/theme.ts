import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e7f4f3", "#d0e7e5", "#a3d0cc", "#74cbc6", "#52aaa6", "#2f8f8d", "#1d7a7a", "#146a6c", "#0f5f63", "#0a474b",
];

const dark: MantineColorsTuple = [
  "#e7eeee", "#c3d0d2", "#a3b3b6", "#7f9195", "#475a5f", "#33444a", "#243135", "#1a2326", "#151d20", "#11181a",
];

export const theme = createTheme({
  colors: { petrol, dark },
  primaryColor: "petrol",
  primaryShade: { light: 8, dark: 6 },
  autoContrast: true,
  defaultRadius: "md",
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  components: {
    // Their labels are heard only where they have a role.
    Loader: { defaultProps: { role: "status" } },
    Skeleton: { defaultProps: { role: "status" } },
    // A menu's children are its items: a place for the focus among them that is none breaks it for screen readers.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
  },
});

/** Where the library's own greys and reds are below 4.5:1 on the ground they stand on (WCAG 2.2 AA). */
export const colors: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#566366",
    "--mantine-color-placeholder": "#666f72",
    "--mantine-color-error": "#a8241c",
    "--console-ground": "#f4f6f5",
    "--console-surface": "#ffffff",
    "--console-sunk": "#eef1f0",
    "--console-good": "#1c6b43",
    "--console-good-soft": "#e0f1e8",
    "--console-warn": "#855000",
    "--console-warn-soft": "#fbeed6",
    "--console-bad-soft": "#fbe5e3",
    "--console-line": "#dbe2e0",
    "--console-chart-second": "#b4540a",
    "--console-chart-third": "#6f7c7f",
  },
  dark: {
    "--mantine-color-dimmed": "#a3b3b6",
    "--mantine-color-placeholder": "#97a6a9",
    "--mantine-color-error": "#f1968e",
    "--console-ground": "#11181a",
    "--console-surface": "#1a2326",
    "--console-sunk": "#243135",
    "--console-good": "#7fd3a4",
    "--console-good-soft": "#17352a",
    "--console-warn": "#ecbd6e",
    "--console-warn-soft": "#3a2e18",
    "--console-bad-soft": "#42211f",
    "--console-line": "#2d3a3e",
    "--console-chart-second": "#f2a65a",
    "--console-chart-third": "#8b9a9d",
  },
});
