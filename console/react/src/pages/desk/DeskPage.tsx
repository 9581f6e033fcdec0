import { VisuallyHidden } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, data } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { useWords } from "../../words";
import { Callbacks } from "./Callbacks";
import { CallPanel } from "./CallPanel";
import classes from "./desk.module.css";
import { Me } from "./Me";
import { softphone, useDesk } from "./softphone";
import { Waiting } from "./Waiting";

/** The operators' desk: at the left who one is and who waits, at the right the call. */
export default function DeskPage() {
  const words = useWords();
  const desk = useDesk();
  const lines = useQuery({ queryKey: ["lines"], queryFn: () => data(api.GET("/api/lines")) });
  const title = (line: string) => lines.data?.find((one) => one.id === line)?.title ?? line;
  useEffect(() => {
    document.title = `${words.desk.title} · Centralino`;
    softphone.ringWords = (now) => ({
      tab: words.desk.ring.tab,
      title: words.desk.ring.title,
      text: words.desk.ring.text(now.call?.caller || words.desk.withheld, now.call?.queue ?? ""),
    });
    void softphone.sit();
  }, [words]);
  return (
    <div className={classes.desk} data-phase={desk.phase}>
      <VisuallyHidden component="h1">{words.desk.title}</VisuallyHidden>
      <div className={classes.aside}>
        <Trouble error={softphone.refused ?? lines.error} again={softphone.refused ? () => void softphone.sit() : () => lines.refetch()} />
        <Me desk={desk} />
        <Waiting waiting={desk.waiting} title={title} />
        <Callbacks />
      </div>
      <CallPanel desk={desk} title={title} />
    </div>
  );
}
