import { ActionIcon, Anchor, AppShell, Burger, Group, Menu, NavLink, ScrollArea, Text, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useEffect } from "react";
import { Link, useLocation } from "wouter";
import { api, data } from "../api/client";
import { goSignIn } from "../api/errors";
import { may, useMe } from "../api/me";
import { AtTheDesk } from "../pages/desk/AtTheDesk";
import { OTHER_PAGES, PAGES } from "../routes";
import { useLanguage, useWords } from "../words";
import { ErrorBoundary } from "./ErrorBoundary";
import { Icon } from "./Icon";

/** The bar on top, the way to the other pages at the side, and the page. */
export function Frame({ children }: { children: ReactNode }) {
  const words = useWords();
  const [open, { toggle, close }] = useDisclosure();
  const [here] = useLocation();
  useEffect(close, [here, close]);
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !open } }} padding={{ base: "md", sm: "xl" }}>
      <a className="skip" href="#main">
        {words.frame.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={words.frame.menu} aria-expanded={open} />
          <Anchor href="/" underline="never" c="inherit" fw={700} me="auto">
            <Group gap="xs" wrap="nowrap">
              <img src="/web/icon.svg" alt="" width={28} height={28} />
              Centralino
            </Group>
          </Anchor>
          <LanguageButton />
          <SchemeButton />
          <Person />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label={words.frame.pages}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <AtTheDesk />
        <ErrorBoundary key={here}>{children}</ErrorBoundary>
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation() {
  const words = useWords();
  const me = useMe();
  const [here] = useLocation();
  return (
    <ScrollArea>
      {PAGES.filter((page) => page.inMenu && may(me, page.roles)).map((page) => (
        <NavLink
          key={page.path}
          component={Link}
          href={page.path}
          label={page.title(words)}
          leftSection={<Icon name={page.icon} />}
          active={page.path === "/" ? here === "/" : here.startsWith(page.path)}
          aria-current={here === page.path ? "page" : undefined}
        />
      ))}
      {OTHER_PAGES.filter((page) => may(me, page.roles)).map((page) => (
        <NavLink key={page.path} href={page.path} label={page.title(words)} leftSection={<Icon name={page.icon} />} />
      ))}
    </ScrollArea>
  );
}

function LanguageButton() {
  const words = useWords();
  const { language, setLanguage } = useLanguage();
  const other = language === "it" ? "en" : "it";
  return (
    <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" lang={other} aria-label={`${other.toUpperCase()}: ${words.frame.other_language}`} onClick={() => setLanguage(other)}>
      <Text size="sm" fw={600}>
        {other.toUpperCase()}
      </Text>
    </ActionIcon>
  );
}

function SchemeButton() {
  const words = useWords();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={dark ? words.frame.light : words.frame.dark} onClick={() => setColorScheme(dark ? "light" : "dark")}>
      <Icon name={dark ? "sun" : "moon"} />
    </ActionIcon>
  );
}

function Person() {
  const words = useWords();
  const me = useMe();
  const signOut = async () => {
    await data(api.POST("/api/sign-out"));
    goSignIn();
  };
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={words.frame.person(me.display_name)} p={6}>
          <Group gap={6} wrap="nowrap">
            <Icon name="person" />
            <Text size="sm" visibleFrom="xs">
              {me.display_name}
            </Text>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href="/account" leftSection={<Icon name="person" size={18} />}>
          {words.account.title}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="out" size={18} />} onClick={signOut}>
          {words.frame.sign_out}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
