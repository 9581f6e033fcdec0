import { Group, Text } from "@mantine/core";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { PageLink } from "../../ui/PageLink";
import { useWords } from "../../words";
import classes from "./desk.module.css";
import { useDesk } from "./softphone";

/** On the other pages: that the desk is open in this tab, what it is doing, and the way back to it. */
export function AtTheDesk() {
  const w = useWords().desk;
  const desk = useDesk();
  const [here] = useLocation();
  const talking = desk.phase === "on_call" || desk.phase === "joining";
  useEffect(() => {
    if (!talking) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [talking]);
  if (here === "/desk" || desk.link.at === "closed" || desk.link.at === "elsewhere") return null;
  const caller = desk.call?.caller || w.withheld;
  const said = desk.phase === "offered" ? w.offer(caller) : talking ? w.talking(caller) : w.states[desk.presence ?? "offline"];
  return (
    <Group className={classes.bar} data-phase={desk.phase} justify="space-between" mb="md">
      <Text role={desk.phase === "offered" ? "alert" : "status"} fw={600}>
        {said}
      </Text>
      <PageLink href="/desk">{w.back_to}</PageLink>
    </Group>
  );
}
