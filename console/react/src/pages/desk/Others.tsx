import { Button, Group, Menu, NativeSelect, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useWords } from "../../words";
import { type Desk, titleOf } from "./desk";
import classes from "./desk.module.css";
import type { BotFlow } from "./protocol";
import { softphone } from "./softphone";

/** Beside the caller: hold, a third person asked to join (consult, conference, transfer), keys pressed towards them. */
export function Others({ desk }: { desk: Desk }) {
  const w = useWords().desk;
  const names = Object.keys(desk.destinations);
  const [chosen, setChosen] = useState("");
  const to = names.includes(chosen) ? chosen : (names[0] ?? "");
  const [keys, setKeys] = useState("");
  const press = (event: FormEvent) => {
    event.preventDefault();
    softphone.do({ type: "keys", keys });
    setKeys("");
  };
  const news = desk.guestNews;
  return (
    <div className={classes.others}>
      <Group gap="xs">
        <Button variant={desk.held ? "light" : "default"} color={desk.held ? "yellow.9" : undefined} aria-pressed={desk.held} onClick={() => softphone.do({ type: "hold" })}>
          {desk.held ? w.unhold : w.hold}
        </Button>
        {names.length > 0 && (
          <Group gap="xs" wrap="nowrap">
            <NativeSelect aria-label={w.guest} value={to} onChange={(event) => setChosen(event.currentTarget.value)} data={names.map((name) => ({ value: name, label: desk.destinations[name] ?? name }))} />
            <Button variant="default" onClick={() => softphone.do({ type: "guest", to })}>
              {desk.guests.has(to) ? w.dismiss : w.invite}
            </Button>
          </Group>
        )}
        {desk.flows && <ToBot flows={desk.flows} />}
        <form onSubmit={press}>
          <Group gap="xs" wrap="nowrap">
            <TextInput aria-label={w.keys} placeholder={w.keys} value={keys} onChange={(event) => setKeys(event.currentTarget.value.replace(/[^0-9*#]/g, ""))} inputMode="tel" maxLength={32} w={110} autoComplete="off" />
            <Button variant="default" type="submit" disabled={!keys}>
              {w.press}
            </Button>
          </Group>
        </form>
      </Group>
      <Text size="sm" role="status">
        {news && w.guest_news[news.state](desk.destinations[news.to] ?? news.to, w.guest_fails[news.reason] ?? news.reason)}
      </Text>
    </div>
  );
}

/** Gives the call to the bot, at a flow that is chosen. */
function ToBot({ flows }: { flows: readonly BotFlow[] }) {
  const words = useWords();
  const w = words.desk;
  const known = flows.some((one) => one.flow === "") ? flows : [...flows, { flow: "", titles: {}, returns: false }];
  return (
    <Menu position="bottom-start" shadow="md">
      <Menu.Target>
        <Button variant="default">{w.to_bot}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        {known.map((one) => (
          <Menu.Item key={one.flow} onClick={() => softphone.do({ type: "to_bot", flow: one.flow })}>
            {one.flow ? titleOf(one, words.format.language) : w.to_bot_anything} ({one.returns ? w.to_bot_returns : w.to_bot_for_good})
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
